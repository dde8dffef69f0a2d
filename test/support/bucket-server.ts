import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { claimPort } from '../../local/port.ts';
import { launch } from '../../local/process.ts';
import { until } from './until.ts';
import { pythonWith } from './watcher-sdk.ts';

const SERVER = 'moto[s3,server]==5.2.2';

/** A server that speaks S3, in a process of its own. */
export interface BucketServer {
  readonly endpoint: string;
  readonly client: S3Client;
  /** Without, it refuses whoever asks, as S3 does with keys of nobody. */
  knowKeys(known: boolean): Promise<void>;
  stop(): Promise<void>;
}

export const KEYS = { accessKeyId: 'test', secretAccessKey: 'test' };

export async function startBucketServer(...buckets: readonly string[]): Promise<BucketServer> {
  const python = await pythonWith(SERVER);
  const port = await claimPort(0, 'S3', 'none');
  const endpoint = `http://127.0.0.1:${port}`;
  const server = await launch({
    command: python,
    args: ['-m', 'moto.server', '-H', '127.0.0.1', '-p', String(port)],
    env: process.env,
    log: () => undefined,
    stopSignal: 'SIGKILL',
  });
  await until(async () => (await fetch(endpoint).catch(() => undefined))?.ok, 60_000);
  const client = new S3Client({
    ...{ endpoint, forcePathStyle: true, region: 'us-east-1', credentials: KEYS },
  });
  for (const Bucket of buckets) await client.send(new CreateBucketCommand({ Bucket }));
  return {
    endpoint,
    client,
    knowKeys: async (known) => {
      const unchecked = known ? 'inf' : '0';
      await fetch(`${endpoint}/moto-api/reset-auth`, { method: 'POST', body: unchecked });
    },
    stop: async () => {
      client.destroy();
      await server.stop();
    },
  };
}
