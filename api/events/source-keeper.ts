import pg from 'pg';
import type { Db } from '../../db/database.ts';
import { isAway } from '../../db/away.ts';
import { listEventTriggers } from '../../db/events/event-triggers.ts';
import { evaluateText } from '../../plan/expression.ts';
import type { Project } from '../../project/open-project.ts';
import { Alarm } from '../../runtime/alarm.ts';
import { messageOf } from '../../runtime/fault.ts';
import type { Logger } from '../../runtime/log.ts';
import { sourceOf, type WatchedPlace } from '../../triggers/event-rule.ts';
import { watchChannel, type ChannelWatch } from './channel-watch.ts';
import { FolderWatch } from './folder-watch.ts';
import type { ReceiveEvents } from './receive-events.ts';

const LOCK = 726_394_022;
const LOOK_MS = 1_000;

export interface SourceKeeperDeps {
  readonly db: Db;
  readonly databaseUrl: string;
  readonly project: Pick<Project, 'dir' | 'load'>;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly receiveEvents: ReceiveEvents;
  readonly log: Logger;
}

/** Watches the places from which events come by themselves; of several processes one does it. */
export class SourceKeeper {
  private readonly deps: SourceKeeperDeps;
  private readonly alarm = new Alarm();
  private readonly channels = new Map<string, ChannelWatch>();
  private readonly folders = new Map<string, FolderWatch>();
  private readonly troubles = new Map<string, string>();
  private leader: pg.Client | undefined;
  private stopped = false;
  private rounds: Promise<void> = Promise.resolve();

  constructor(deps: SourceKeeperDeps) {
    this.deps = deps;
  }

  start(): void {
    this.rounds = this.repeat();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.alarm.ring();
    await this.rounds;
    await this.release();
  }

  private async repeat(): Promise<void> {
    while (!this.stopped) {
      await this.round().catch((error: unknown) => {
        if (!isAway(error)) this.deps.log.error({ err: error }, 'sources not watched');
      });
      await this.alarm.sleep(LOOK_MS);
    }
  }

  private async round(): Promise<void> {
    const project = this.deps.project.load().project?.name;
    if (project === undefined) return; // while its file is broken everything stays as it was
    const triggers = await listEventTriggers(this.deps.db);
    const ours = triggers.filter((trigger) => trigger.project === project);
    const places = ours.flatMap(({ definition }) => definition.event.watch ?? []);
    if (places.length === 0) return this.release();
    if (!(await this.lead(project))) return;
    const wanted = new Map(places.map((place) => [sourceOf(place), place]));
    await this.closeBut(wanted);
    for (const [source, place] of wanted) await this.watch(source, place);
  }

  /** Whether this process is the one that watches. The lock goes with its connection. */
  private async lead(project: string): Promise<boolean> {
    if (this.leader) return true;
    const client = new pg.Client({ connectionString: this.deps.databaseUrl, keepAlive: true });
    const lose = () => {
      if (this.leader === client) void this.release();
    };
    client.on('error', lose);
    client.on('end', lose);
    await client.connect();
    const { rows } = await client.query<{ won: boolean }>(
      `select pg_try_advisory_lock(${LOCK}, hashtext($1)) as won`,
      [project],
    );
    if (rows[0]?.won) this.leader = client;
    else await client.end();
    return this.leader === client;
  }

  private async release(): Promise<void> {
    const { leader } = this;
    this.leader = undefined;
    this.folders.clear();
    await this.closeBut(new Map());
    await leader?.end().catch(() => undefined);
  }

  private async closeBut(wanted: ReadonlyMap<string, WatchedPlace>): Promise<void> {
    for (const source of this.folders.keys()) if (!wanted.has(source)) this.folders.delete(source);
    for (const [key, watch] of this.channels) {
      if (wanted.has(key.split('\n')[0] ?? '')) continue;
      this.channels.delete(key);
      await watch.close();
    }
  }

  /** What can't be watched is said once, and tried again. */
  private async watch(source: string, place: WatchedPlace): Promise<void> {
    try {
      if (place.type === 'folder') await this.folderAt(source, place.folder).look();
      else await this.listenTo(source, place);
      this.troubles.delete(source);
    } catch (error) {
      const reason = messageOf(error);
      if (this.troubles.get(source) === reason) return;
      this.troubles.set(source, reason);
      this.deps.log.warn({ err: error, source }, 'source can not be watched');
    }
  }

  private folderAt(source: string, pattern: string): FolderWatch {
    const { db, project, receiveEvents } = this.deps;
    const deps = { db, receiveEvents, project: project.dir };
    const known = this.folders.get(source) ?? new FolderWatch(deps, source, pattern);
    this.folders.set(source, known);
    return known;
  }

  private async listenTo(
    source: string,
    { connection, channel }: Extract<WatchedPlace, { type: 'channel' }>,
  ): Promise<void> {
    const { env, log, project, receiveEvents } = this.deps;
    const address = project.load().project?.connections[connection]?.url;
    if (address === undefined) throw new Error(`There is no connection ${connection}`);
    const url = evaluateText(address, { env });
    const key = `${source}\n${url}`;
    if (this.channels.has(key)) return;
    const [old] = [...this.channels.keys()].filter((other) => other.startsWith(`${source}\n`));
    if (old !== undefined) await this.channels.get(old)?.close();
    if (old !== undefined) this.channels.delete(old);
    this.channels.set(key, watchChannel({ url, channel, source }, receiveEvents, log));
  }
}
