import type { Connection } from '../../pipeline/connection.ts';
import { evaluateText } from '../../plan/expression.ts';
import type { Project } from '../../project/open-project.ts';
import type { Logger } from '../../runtime/log.ts';
import { sourceOf, type WatchedPlace } from '../../triggers/event-rule.ts';
import type { ArrivalDeps } from './arrivals.ts';
import { watchChannel } from './channel-watch.ts';
import { FolderWatch } from './folder-watch.ts';
import type { Watch } from './watch.ts';

/** The most that S3 lists at once. */
const PAGE = 1_000;

export interface WatchDeps extends ArrivalDeps {
  readonly project: Pick<Project, 'dir' | 'file'>;
  /** What connections refer to as `${{ env.NAME }}`. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: Logger;
}

/** The connection of a place, with its secrets; undefined: it needs none. Fails when there is none. */
export function connectionOf(
  { project, env }: WatchDeps,
  place: WatchedPlace,
): Connection | undefined {
  if (place.type === 'folder') return undefined;
  const connection = project.file().definition?.connections[place.connection];
  if (!connection) throw new Error(`There is no connection ${place.connection}`);
  const texts = Object.entries<string | undefined>(connection).flatMap(
    ([key, text]): [string, string][] =>
      text === undefined ? [] : [[key, evaluateText(text, { env })]],
  );
  return Object.fromEntries(texts) as unknown as Connection;
}

export async function openWatch(
  deps: WatchDeps,
  place: WatchedPlace,
  connection: Connection | undefined,
): Promise<Watch> {
  const source = sourceOf(place);
  if (place.type === 'folder') {
    return new FolderWatch(deps, { source, project: deps.project.dir, pattern: place.folder });
  }
  if (place.type === 'channel' && connection?.type === 'postgres') {
    const channel = { source, url: connection.url, channel: place.channel };
    return watchChannel(channel, deps.receiveEvents, deps.log);
  }
  if (place.type === 'bucket' && connection?.type === 's3') {
    // Its client takes half a second and 30 MiB, which only those pay who watch a bucket.
    const { BucketWatch, openBucketServer } = await import('./bucket-watch.ts');
    const client = openBucketServer(connection);
    return new BucketWatch(deps, { ...place, source, client, pageSize: PAGE });
  }
  throw new Error(`Connection ${place.connection} is of type ${connection?.type ?? 'nothing'}`);
}
