import { closeRun } from '../../db/runs/close-run.ts';
import type { Db } from '../../db/database.ts';
import { requeue } from '../../db/runs/dispatch.ts';
import { asLeader } from '../../db/as-leader.ts';
import { findOpenRuns, listOpenRuns, type OpenRun } from '../../db/runs/open-runs.ts';
import type { Logger } from '../../runtime/log.ts';
import { Rounds } from '../../runtime/rounds.ts';
import type { Temporal } from '../../runtime/temporal.ts';
import { noteFailure } from '../note-failure.ts';
import { findEnd } from './run-end.ts';
import { LOCKS } from '../../db/locks.ts';

const EVERY_MS = 3_000;
const ANSWER_MS = 2_000;
/** The first look goes back this far; what ended earlier is found one by one. */
const FIRST_LOOK_MS = 10 * 60_000;
/** Visibility lags: each look goes back this far behind the one before. */
const OVERLAP_MS = 60_000;
const MAX_CLOSED = 1_000;
/** How many open runs a round asks about one by one. */
const SWEEP = 40;

export interface ReconcilerDeps {
  readonly db: Db;
  readonly temporal: Temporal;
  readonly taskQueue: string;
  readonly log: Logger;
}

/**
 * Closes runs whose workflow could not do it: terminated, timed out, failed before its first block.
 * One process at a time does it; one visibility query and at most forty lookups a round.
 */
export class Reconciler {
  private readonly deps: ReconcilerDeps;
  private readonly rounds: Rounds;
  private since = Date.now() - FIRST_LOOK_MS;
  private sweptTo = 0;

  constructor(deps: ReconcilerDeps) {
    this.deps = deps;
    this.rounds = new Rounds({
      round: () => this.round(),
      everyMs: EVERY_MS,
      failed: noteFailure(deps.log, 'reconciler round not finished'),
    });
  }

  start(): void {
    this.rounds.start();
  }

  stop(): Promise<void> {
    return this.rounds.stop();
  }

  /** Looks at every run that may have ended unheard. */
  async round(): Promise<void> {
    await asLeader(this.deps.db, LOCKS.reconciler, async () => {
      for (const run of await this.recentlyClosed()) await this.settle(run);
      for (const run of await this.nextToSweep()) await this.settle(run);
    });
  }

  /** Brings one run's row up to what Temporal says of it. */
  async settle(run: OpenRun): Promise<void> {
    const { db, temporal, log } = this.deps;
    const end = await temporal.ask(ANSWER_MS, (client) => findEnd(client, run));
    if (end.kind === 'open') return;
    if (end.kind === 'lost' && run.state === 'queued' && run.temporal_run_id === null) {
      await requeue(db, run.id);
      log.warn({ run: run.id }, 'run put back into the queue: Temporal has lost it');
      return;
    }
    const { state, error } = end.kind === 'closed' ? end : LOST;
    const closed = await closeRun(db, {
      executionId: run.id,
      state,
      error,
      watermark: null,
      blocks: [],
    });
    if (closed) log.warn({ run: run.id, state, error }, 'run closed from outside');
  }

  /** Successful workflows report themselves before they complete: only the others are of interest. */
  private async recentlyClosed(): Promise<OpenRun[]> {
    const { db, temporal, taskQueue } = this.deps;
    const nextSince = Date.now() - OVERLAP_MS;
    const query =
      `TaskQueue = '${taskQueue}' AND CloseTime > '${new Date(this.since).toISOString()}'` +
      ` AND ExecutionStatus IN ('Terminated', 'TimedOut', 'Failed', 'Canceled')`;
    const ids = await temporal.ask(ANSWER_MS, async (client) => {
      const { executions } = await client.workflowService.listWorkflowExecutions({
        namespace: client.options.namespace,
        query,
        pageSize: MAX_CLOSED,
      });
      return executions.map(({ execution }) => execution?.workflowId ?? '');
    });
    this.since = nextSince;
    return findOpenRuns(db, ids);
  }

  private async nextToSweep(): Promise<OpenRun[]> {
    const runs = await listOpenRuns(this.deps.db, this.sweptTo, SWEEP);
    this.sweptTo = runs.length === SWEEP ? (runs.at(-1)?.id ?? 0) : 0;
    return runs;
  }
}

const LOST = {
  state: 'terminated',
  error: { code: 'run.lost', message: 'Temporal does not know this run any more' },
} as const;
