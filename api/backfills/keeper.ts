import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import {
  endLostBackfill,
  listOpenBackfills,
  type OpenBackfill,
} from '../../db/backfills/open-backfills.ts';
import type { Db } from '../../db/database.ts';
import { asLeader } from '../../db/as-leader.ts';
import type { Logger } from '../../runtime/log.ts';
import { Rounds } from '../../runtime/rounds.ts';
import type { Temporal } from '../../runtime/temporal.ts';
import { BACKFILL_WORKFLOW, LOOK_SIGNAL, type BackfillInput } from '../../workflows/backfill.ts';
import { noteFailure } from '../note-failure.ts';
import { LOCKS } from '../../db/locks.ts';

const EVERY_MS = 3_000;
const ANSWER_MS = 2_000;
/** How many open backfills a round asks about. */
const SWEEP = 20;
const CLOSED: ReadonlySet<string> = new Set([
  'COMPLETED',
  'FAILED',
  'CANCELLED',
  'TERMINATED',
  'TIMED_OUT',
]);

export interface BackfillKeeperDeps {
  readonly db: Db;
  readonly temporal: Temporal;
  readonly taskQueue: string;
  readonly log: Logger;
}

/**
 * Sees to it that the workflow of every open backfill knows what it is to do, also when Temporal was away
 * when somebody said so, and ends those whose workflow was ended from outside.
 */
export class BackfillKeeper {
  private readonly deps: BackfillKeeperDeps;
  private readonly rounds: Rounds;
  private readonly note: (error: unknown) => void;
  private sweptTo = 0;

  constructor(deps: BackfillKeeperDeps) {
    this.deps = deps;
    this.note = noteFailure(deps.log, 'backfills not looked after');
    this.rounds = new Rounds({
      round: () => this.round(),
      everyMs: EVERY_MS,
      failed: this.note,
    });
  }

  start(): void {
    this.rounds.start();
  }

  stop(): Promise<void> {
    return this.rounds.stop();
  }

  /** Lets a backfill's workflow look at what it is to do; starts it when there is none. Never fails. */
  async wake(backfill: Omit<OpenBackfill, 'seen'>): Promise<void> {
    try {
      await this.deps.temporal.ask(ANSWER_MS, (client) => this.signal(client, backfill));
    } catch (error) {
      this.note(error);
    }
  }

  private async signal(client: Client, { id, workflowId, pipeline }: Omit<OpenBackfill, 'seen'>) {
    const input: BackfillInput = { backfill: id };
    await client.workflow.signalWithStart(BACKFILL_WORKFLOW, {
      ...{ taskQueue: this.deps.taskQueue, workflowId, args: [input], signal: LOOK_SIGNAL },
      staticSummary: `backfill ${id} of ${pipeline}`,
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    });
  }

  private async round(): Promise<void> {
    await asLeader(this.deps.db, LOCKS.backfills, async () => {
      const open = await listOpenBackfills(this.deps.db, this.sweptTo, SWEEP);
      this.sweptTo = open.length === SWEEP ? (open.at(-1)?.id ?? 0) : 0;
      for (const backfill of open) {
        await (backfill.seen ? this.settle(backfill) : this.wake(backfill));
      }
    });
  }

  private async settle(backfill: OpenBackfill): Promise<void> {
    const { id, workflowId } = backfill;
    const { db, temporal, log } = this.deps;
    const runs = await temporal.ask(ANSWER_MS, (client) => isOpen(client, workflowId));
    if (!runs && (await endLostBackfill(db, backfill))) {
      log.warn({ backfill: id }, 'backfill ended from outside');
    }
  }
}

async function isOpen(client: Client, workflowId: string): Promise<boolean> {
  try {
    const { status } = await client.workflow.getHandle(workflowId).describe();
    return !CLOSED.has(status.name);
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}
