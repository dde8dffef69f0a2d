import { setTimeout as delay } from 'node:timers/promises';
import type { Db } from '../../db/database.ts';
import { claimNext, requeue, type QueuedRun } from '../../db/runs/dispatch.ts';
import { isAway } from '../../db/away.ts';
import { Fault } from '../../runtime/fault.ts';
import type { Logger } from '../../runtime/log.ts';
import { Rounds } from '../../runtime/rounds.ts';
import { ensureSearchAttributes, type Temporal } from '../../runtime/temporal.ts';
import { SEARCH_ATTRIBUTES } from '../../workflows/search-attributes.ts';
import { startRun } from './start-run.ts';

/** How long whoever asks for a run waits to hear that Temporal has it. */
const ANSWER_MS = 1_500;
/** A busy server needs longer, and to ask it twice makes it busier. */
const START_MS = 5_000;
const IDLE_MS = 1_000;
const MAX_PAUSE_MS = 4_000;
const LANES = 4;
/** Runs brought past the queue at once; more of them would only wait for the server instead. */
const PAST_QUEUE = 16;
/** A run that Temporal refuses must not hold up those behind it. */
const REFUSED_MS = 5_000;

export interface DispatcherDeps {
  readonly db: Db;
  readonly temporal: Temporal;
  readonly taskQueue: string;
  readonly log: Logger;
}

/**
 * Brings queued runs to Temporal, each exactly once, whichever of several processes does it. A run is
 * claimed first; the reconciler puts one back whose claimer died.
 */
export class Dispatcher {
  private readonly deps: DispatcherDeps;
  private readonly lanes: readonly Rounds[];
  private readonly pastQueue = new Set<Promise<void>>();
  private readonly refused = new Map<number, number>();
  private away = false;
  private pauseMs = IDLE_MS;

  constructor(deps: DispatcherDeps) {
    this.deps = deps;
    this.lanes = Array.from(
      { length: LANES },
      (_, lane) =>
        new Rounds({
          round: () => this.takeNext(lane),
          everyMs: IDLE_MS,
          failed: (error) => {
            this.note(error);
          },
        }),
    );
  }

  /** Whether a new run need not go through the queue. */
  get hasRoom(): boolean {
    return !this.away && this.pastQueue.size < PAST_QUEUE;
  }

  /** Brings a claimed run to Temporal. Settles when it is there, or will be there soon; never fails. */
  async dispatch(run: QueuedRun): Promise<void> {
    const brought = this.bringOrRequeue(run);
    this.pastQueue.add(brought);
    void brought.finally(() => this.pastQueue.delete(brought));
    await Promise.race([brought, delay(ANSWER_MS, undefined, { ref: false })]);
  }

  /** Tells that a run has come into the queue. */
  readonly ring = (): void => {
    if (!this.away) for (const lane of this.lanes) lane.ring();
  };

  start(): void {
    void this.mendNamespace();
    for (const lane of this.lanes) lane.start();
  }

  async stop(): Promise<void> {
    await Promise.all([...this.lanes.map((lane) => lane.stop()), ...this.pastQueue]);
  }

  /** While Temporal is away only the first lane knocks. Answers how long to wait before the next one. */
  private async takeNext(lane: number): Promise<number> {
    if (this.away && lane > 0) return this.pauseMs;
    const run = await claimNext(this.deps.db, this.waiting());
    if (!run) return IDLE_MS;
    await this.bringOrRequeue(run);
    return this.away ? this.pauseMs : 0;
  }

  /** The queue has a run again that could not be started now. */
  private async bringOrRequeue(run: QueuedRun): Promise<void> {
    try {
      await this.bring(run);
      this.isBack();
    } catch (error) {
      this.note(error);
      await requeue(this.deps.db, run.id).catch((lost: unknown) => {
        this.deps.log.warn({ err: lost, run: run.id }, 'run left to the reconciler');
      });
    }
  }

  private async bring(run: QueuedRun): Promise<void> {
    const { temporal, taskQueue, log } = this.deps;
    try {
      await temporal.ask(START_MS, (client) => startRun(client, taskQueue, run));
      log.info({ run: run.id, workflow: run.workflowId }, 'run dispatched');
    } catch (error) {
      if (error instanceof Fault) throw error;
      this.refused.set(run.id, Date.now() + REFUSED_MS);
      await this.mendNamespace();
      throw error;
    }
  }

  /** A namespace without our search attributes refuses every run. */
  private async mendNamespace(): Promise<void> {
    const { temporal } = this.deps;
    await temporal
      .ask(START_MS, (client) => ensureSearchAttributes(client, SEARCH_ATTRIBUTES))
      .catch((error: unknown) => {
        this.note(error);
      });
  }

  private waiting(): number[] {
    for (const [id, until] of this.refused) if (until < Date.now()) this.refused.delete(id);
    return [...this.refused.keys()];
  }

  private isBack(): void {
    if (!this.away) return;
    this.deps.log.info('Temporal is back');
    this.away = false;
    this.pauseMs = IDLE_MS;
    this.ring();
  }

  private note(error: unknown): void {
    if (error instanceof Fault && error.code === 'temporal.unavailable') {
      if (!this.away) this.deps.log.warn({ err: error }, 'Temporal is away; runs stay queued');
      this.away = true;
      this.pauseMs = Math.min(this.pauseMs * 2, MAX_PAUSE_MS);
    } else if (!isAway(error)) {
      this.deps.log.error({ err: error }, 'Temporal refused what it was asked');
    }
  }
}
