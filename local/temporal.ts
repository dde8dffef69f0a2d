import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Fault, messageOf } from '../runtime/fault.ts';
import { openTemporal } from '../runtime/temporal.ts';
import { SEARCH_ATTRIBUTES } from '../workflows/search-attributes.ts';
import { reclaimPort } from './port.ts';
import { launch, type Running } from './process.ts';
import { TEMPORAL_TUNING } from './temporal-tuning.ts';

export interface TemporalOptions {
  readonly binary: string;
  /** Unset: everything is forgotten when the server ends. */
  readonly dbFile?: string;
  readonly port: number;
  readonly uiPort: number;
  readonly namespace: string;
  /** More of its dynamic config, for tests. */
  readonly tuning?: Readonly<Record<string, boolean | number>>;
  readonly env: Record<string, string | undefined>;
  readonly log: (line: string) => void;
}

export interface RunningTemporal extends Running {
  readonly address: string;
  readonly uiUrl: string;
}

/** Starts a Temporal dev server, tuned, with its Web UI. It is ready when this returns. */
export async function startTemporal(options: TemporalOptions): Promise<RunningTemporal> {
  const { binary, dbFile, port, uiPort, namespace, tuning, env, log } = options;
  if (dbFile !== undefined) await mkdir(dirname(dbFile), { recursive: true });
  await reclaimPort(port, 'Temporal', 'HIGHWATER_TEMPORAL_PORT');
  await reclaimPort(uiPort, "Temporal's Web UI", 'HIGHWATER_TEMPORAL_UI_PORT');

  const flags = {
    ip: ['127.0.0.1'],
    port: [String(port)],
    'ui-port': [String(uiPort)],
    namespace: [namespace],
    'db-filename': dbFile === undefined ? [] : [dbFile],
    'sqlite-pragma': dbFile === undefined ? [] : ['journal_mode=wal', 'synchronous=normal'],
    'dynamic-config-value': Object.entries({ ...TEMPORAL_TUNING, ...tuning }).map(
      ([key, value]) => `${key}=${JSON.stringify(value)}`,
    ),
    'search-attribute': SEARCH_ATTRIBUTES.map(({ name }) => `${name}=Keyword`),
  };
  const server = await launch({
    command: binary,
    args: [
      ...['server', 'start-dev', '--log-level', 'warn'],
      ...Object.entries(flags).flatMap(([flag, values]) =>
        values.flatMap((value) => [`--${flag}`, value]),
      ),
    ],
    env,
    log,
    graceMs: 5_000,
  });
  const address = `127.0.0.1:${port}`;
  try {
    await untilReady(server, address, namespace);
  } catch (error) {
    await server.stop();
    throw error;
  }
  return { ...server, address, uiUrl: `http://localhost:${uiPort}` };
}

async function untilReady(server: Running, address: string, namespace: string): Promise<void> {
  const temporal = openTemporal({ address, namespace });
  let ended: string | undefined;
  void server.exited.then((how) => (ended = how));
  const deadline = Date.now() + 60_000;
  try {
    for (;;) {
      try {
        await temporal.ask(2_000, ({ workflowService }) =>
          workflowService.describeNamespace({ namespace }),
        );
        return;
      } catch (error) {
        if (ended === undefined && Date.now() < deadline) {
          await wait(100);
          continue;
        }
        const how = ended === undefined ? messageOf(error) : `it ended with ${ended}; see its log`;
        throw new Fault('temporal.failed', `Temporal did not start: ${how}`, { cause: error });
      }
    }
  } finally {
    await temporal.close();
  }
}
