import { setTimeout as delay } from 'node:timers/promises';
import { isAway } from '../../db/away.ts';
import { claimDue, untilNextDue, type DueGroup } from '../../db/events/due-groups.ts';
import { matchWaiting } from '../../db/events/match-events.ts';
import { EVENT_CHANNEL } from '../../db/events/store-events.ts';
import { listen, type Listening } from '../../db/listen.ts';
import { Alarm } from '../../runtime/alarm.ts';
import { messageOf } from '../../runtime/fault.ts';
import type { ApiDeps } from '../deps.ts';
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
  readonly databaseUrl: string;
  /** The name of the project whose pipelines this process knows; undefined: its file is broken. */
  readonly project: () => string | undefined;
}

/** Matches events and starts runs for them; any number of processes may do so side by side. */
export class EventLoop {
  private readonly options: EventLoopOptions;
  private readonly alarm = new Alarm();
  private readonly starting = new Set<Promise<void>>();
  private stopped = false;
  private listening: Listening | undefined;
  private rounds: Promise<void> = Promise.resolve();

  constructor(options: EventLoopOptions) {
    this.options = options;
  }

  start(deps: ApiDeps): void {
    const ring = () => {
      this.ring();
    };
    this.listening = listen(this.options.databaseUrl, EVENT_CHANNEL, ring, deps.log);
    this.rounds = this.repeat(deps);
  }

  /** Asks for another look, now. */
  ring(): void {
    this.alarm.ring();
  }

  /** Ends when what is being started has started. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.ring();
    await this.rounds;
    await Promise.all(this.starting);
    await this.listening?.close();
  }

  private async repeat(deps: ApiDeps): Promise<void> {
    while (!this.stopped) {
      const began = performance.now();
      const pause = await this.round(deps).catch((error: unknown) => note(deps, error));
      await this.alarm.sleep(pause);
      await delay(Math.max(0, began + GATHER_MS - performance.now()));
    }
  }

  /** Answers how long there is nothing to do. */
  private async round(deps: ApiDeps): Promise<number> {
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

function note({ log }: ApiDeps, error: unknown): number {
  log[isAway(error) ? 'debug' : 'error']({ err: error }, 'events not looked after');
  return AWAY_MS;
}
