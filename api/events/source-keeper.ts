import pg from 'pg';
import { listEventTriggers } from '../../db/events/event-triggers.ts';
import { Rounds } from '../../runtime/rounds.ts';
import { sourceOf } from '../../triggers/event-rule.ts';
import { noteFailure } from '../note-failure.ts';
import type { WatchDeps } from './open-watch.ts';
import { Watches } from './watches.ts';
import { LOCKS } from '../../db/locks.ts';

const LOOK_MS = 1_000;

export interface SourceKeeperDeps extends WatchDeps {
  readonly databaseUrl: string;
}

/** Watches the places from which events come by themselves; of several processes one does it. */
export class SourceKeeper {
  private readonly deps: SourceKeeperDeps;
  private readonly rounds: Rounds;
  private readonly watches: Watches;
  private leader: pg.Client | undefined;

  constructor(deps: SourceKeeperDeps) {
    this.deps = deps;
    this.watches = new Watches(deps);
    this.rounds = new Rounds({
      round: () => this.round(),
      everyMs: LOOK_MS,
      failed: noteFailure(deps.log, 'sources not watched'),
    });
  }

  start(): void {
    this.rounds.start();
  }

  async stop(): Promise<void> {
    await this.rounds.stop();
    await this.release();
  }

  private async round(): Promise<void> {
    const project = this.deps.project.file().definition?.name;
    if (project === undefined) return; // while its file is broken everything stays as it was
    const triggers = await listEventTriggers(this.deps.db);
    const ours = triggers.filter((trigger) => trigger.project === project);
    const places = ours.flatMap(({ definition }) => definition.event.watch ?? []);
    if (places.length === 0) return this.release();
    if (!(await this.lead(project))) return this.watches.close();
    const wanted = new Map(places.map((place) => [sourceOf(place), place]));
    await this.watches.look(wanted);
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
      `select pg_try_advisory_lock(${LOCKS.eventSources}, hashtext($1)) as won`,
      [project],
    );
    if (rows[0]?.won) this.leader = client;
    else await client.end();
    return this.leader === client;
  }

  private async release(): Promise<void> {
    const { leader } = this;
    this.leader = undefined;
    await this.watches.close();
    await leader?.end().catch(() => undefined);
  }
}
