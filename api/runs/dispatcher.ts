import { setTimeout as delay } from 'node:timers/promises';
import type { Db } from '../../db/database.ts';
import { claimNext, requeue, type QueuedRun } from '../../db/runs/dispatch.ts';
import { isAway } from '../../db/away.ts';
import { Fault } from '../../runtime/fault.ts';
import type { Logger } from '../../runtime/log.ts';
import { ensureSearchAttributes, type Temporal } from '../../runtime/temporal.ts';
import { SEARCH_ATTRIBUTES } from '../../workflows/search-attributes.ts';
import { startRun } from './start-run.ts';

const START_MS = 1_500;
const IDLE_MS = 1_000;
const MAX_PAUSE_MS = 4_000;
const LANES = 4;
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
  private readonly stopping = new AbortController();
  private readonly refused = new Map<number, number>();
  private lanes: Promise<void>[] = [];
  private away = false;
  private pauseMs = IDLE_MS;

  constructor(deps: DispatcherDeps) {
    this.deps = deps;
  }

  /** Whether Temporal answered when it was last asked: a new run need not go through the queue. */
  get ready(): boolean {
    return !this.away;
  }

  /** Starts a claimed run now if Temporal answers at once; the queue has it otherwise. Never fails. */
  async dispatch(run: QueuedRun): Promise<void> {
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

  start(): void {
    void this.mendNamespace();
    this.lanes = Array.from({ length: LANES }, (_, lane) => this.drain(lane));
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await Promise.all(this.lanes);
  }

  /** While Temporal is away only the first lane knocks. */
  private async drain(lane: number): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      const mayTry = lane === 0 || !this.away;
      if (mayTry && (await this.dispatchNext())) continue;
      await delay(this.pauseMs, undefined, { signal }).catch(() => undefined);
    }
  }

  /** False: nothing waits, or what waits could not be started now. */
  private async dispatchNext(): Promise<boolean> {
    const run = await claimNext(this.deps.db, this.waiting()).catch((error: unknown) => {
      this.note(error);
    });
    if (!run) return false;
    await this.dispatch(run);
    return !this.away;
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
    if (this.away) this.deps.log.info('Temporal is back');
    this.away = false;
    this.pauseMs = IDLE_MS;
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
