import { paginateListObjectsV2, S3Client, type _Object } from '@aws-sdk/client-s3';
import picomatch from 'picomatch';
import { listSeen } from '../../db/events/seen-files.ts';
import type { S3Connection } from '../../pipeline/connection.ts';
import { noteArrivals, type Arrival, type ArrivalDeps } from './arrivals.ts';
import type { Watch } from './watch.ts';

export interface BucketPlace {
  readonly client: S3Client;
  readonly bucket: string;
  /** The pattern that keys fit, such as `orders/*.csv`. */
  readonly objects: string;
  readonly everyMs: number;
  /** How many keys are listed, and compared, at once; at most 1,000. */
  readonly pageSize: number;
  /** The name of the events' source. */
  readonly source: string;
}

interface Listed {
  readonly objects: readonly Arrival[];
  /** The last key of a page that has others behind it. */
  readonly last: string | undefined;
}

/**
 * Tells of objects that fit a pattern, each once, and again when it has changed. An object is there as a whole or
 * not at all. A page of the list and what was seen of its keys are all that is in memory.
 */
export class BucketWatch implements Watch {
  readonly everyMs: number;
  private readonly deps: ArrivalDeps;
  private readonly place: BucketPlace;
  private readonly closing = new AbortController();

  constructor(deps: ArrivalDeps, place: BucketPlace) {
    this.deps = deps;
    this.place = place;
    this.everyMs = place.everyMs;
  }

  async look(): Promise<void> {
    let after = '';
    for await (const { objects, last } of this.pages()) {
      await this.compare(objects, { after, to: last });
      after = last ?? after;
    }
  }

  close(): Promise<void> {
    this.closing.abort();
    this.place.client.destroy();
    return Promise.resolve();
  }

  private async compare(
    objects: readonly Arrival[],
    range: { readonly after: string; readonly to: string | undefined },
  ): Promise<void> {
    const { source } = this.place;
    const seen = await listSeen(this.deps.db, source, range);
    const here = new Set(objects.map(({ path }) => path));
    await noteArrivals(this.deps, source, {
      arrived: objects.filter(({ path, stamp }) => seen.get(path) !== stamp),
      gone: [...seen.keys()].filter((path) => !here.has(path)),
    });
  }

  private async *pages(): AsyncGenerator<Listed> {
    const { client, bucket, objects, pageSize } = this.place;
    const fits = picomatch(objects);
    const options = { abortSignal: this.closing.signal };
    const list = { Bucket: bucket, Prefix: literalPartOf(objects) };
    for await (const page of paginateListObjectsV2({ client, pageSize }, list, options)) {
      const contents = page.Contents ?? [];
      const last = page.IsTruncated ? contents.at(-1)?.Key : undefined;
      if (page.IsTruncated && last === undefined) continue;
      const fitting = contents.filter(({ Key = '/' }) => !Key.endsWith('/') && fits(Key));
      yield { objects: fitting.map((object) => toArrival(bucket, object)), last };
    }
  }
}

/** What the keys begin with, so that the server lists no others. */
function literalPartOf(pattern: string): string {
  return /^[^*?[\]{}()!+@\\]*/.exec(pattern)?.[0] ?? '';
}

function toArrival(bucket: string, { Key: key = '', Size: size = 0, ...its }: _Object): Arrival {
  const etag = (its.ETag ?? '').replaceAll('"', '');
  const modifiedMs = its.LastModified?.getTime() ?? 0;
  const stamp = `${size}-${modifiedMs}-${etag}`;
  const data = { bucket, key, size, etag };
  return { path: key, stamp, type: 'highwater.object.arrived', modifiedMs, data };
}

const CONNECT_MS = 5_000;
const ANSWER_MS = 30_000;

/** What is left out is found as the AWS CLI finds it; servers other than AWS have buckets in their paths. */
export function openBucketServer(connection: S3Connection): S3Client {
  const { endpoint, region, access_key_id: id, secret_access_key: secret } = connection;
  return new S3Client({
    ...(endpoint !== undefined && { endpoint, forcePathStyle: true, region: 'us-east-1' }),
    ...(region !== undefined && { region }),
    ...(id !== undefined &&
      secret !== undefined && { credentials: { accessKeyId: id, secretAccessKey: secret } }),
    requestHandler: { connectionTimeout: CONNECT_MS, requestTimeout: ANSWER_MS },
  });
}
