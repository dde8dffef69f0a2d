import { setTimeout as delay } from 'node:timers/promises';
import { claimDue, untilNextDue, type DueGroup } from '../../db/events/due-groups.ts';
import { matchWaiting } from '../../db/events/match-events.ts';
import { EVENT_CHANNEL } from '../../db/events/store-events.ts';
import type { Channels } from '../../db/channels.ts';
import { messageOf } from '../../runtime/fault.ts';
import { Rounds } from '../../runtime/rounds.ts';
import type { ApiDeps } from '../deps.ts';
import { noteFailure } from '../note-failure.ts';
import { judge } from './judge.ts';
import { startGroup } from './start-group.ts';

const IDLE_MS = 5_000;
const AWAY_MS = 1_000;
/** What comes meanwhile is matched together, for little more than one event would cost. */
const GATHER_MS = 50;
/** Longer than any start takes: after it the process that claimed a group counts as dead. */
const LEASE_MS = 20_000;
/** Runs that are asked for at once; more would keep callers of the API waiting. */
const LANES = 6;

export interface EventLoopOptions {
  readonly channels: Channels;
  /** The name of the project whose pipelines this process knows; undefined: its file is broken. */
  readonly project: () => string | undefined;
}

/** Matches events and starts runs for them; any number of processes may do so side by side. */
export class EventLoop {
  private readonly options: EventLoopOptions;
  private readonly starting = new Set<Promise<void>>();
  private rounds: Rounds | undefined;
  private lastBegan = -Infinity;

  constructor(options: EventLoopOptions) {
    this.options = options;
  }

  start(deps: ApiDeps): void {
    this.rounds = new Rounds({
      round: () => this.round(deps),
      everyMs: AWAY_MS,
      failed: noteFailure(deps.log, 'events not looked after'),
    });
    const { ring } = this.rounds;
    this.options.channels.listen(EVENT_CHANNEL, ring);
    this.rounds.start();
  }

  /** Asks for another look, now. */
  ring(): void {
    this.rounds?.ring();
  }

  /** Ends when what is being started has started. */
  async stop(): Promise<void> {
    await this.rounds?.stop();
    await Promise.all(this.starting);
  }

  /** Answers how long there is nothing to do. */
  private async round(deps: ApiDeps): Promise<number> {
    await this.gather();
    while (await matchWaiting(deps.db, judge));
    const project = this.options.project();
    if (project === undefined) return IDLE_MS;
    const free = LANES - this.starting.size;
    if (free === 0) return IDLE_MS; // whoever ends rings
    const due = await claimDue(deps.db, project, free, LEASE_MS);
    for (const group of due) this.begin(deps, group);
    if (due.length === free) return IDLE_MS;
    return Math.min((await untilNextDue(deps.db, project)) ?? IDLE_MS, IDLE_MS);
  }

  private async gather(): Promise<void> {
    await delay(Math.max(0, this.lastBegan + GATHER_MS - performance.now()));
    this.lastBegan = performance.now();
  }

  private begin(deps: ApiDeps, group: DueGroup): void {
    const started = startGroup(deps, group)
      .catch((error: unknown) => {
        deps.log.warn({ err: error, group: group.id }, `event waits: ${messageOf(error)}`);
      })
      .finally(() => {
        this.starting.delete(started);
        this.ring();
      });
    this.starting.add(started);
  }
}
