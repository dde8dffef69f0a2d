import { WorkflowNotFoundError } from '@temporalio/client';
import type { Db } from '../../db/database.ts';
import { LIMIT_CHANNEL } from '../../db/limits/limit-channel.ts';
import { listTurns, type Turn } from '../../db/limits/turns.ts';
import type { Channels } from '../../db/channels.ts';
import type { Logger } from '../../runtime/log.ts';
import { Rounds } from '../../runtime/rounds.ts';
import type { Temporal } from '../../runtime/temporal.ts';
import { ADMITTED_SIGNAL, SLOTS_SIGNAL } from '../../workflows/turns.ts';
import { noteFailure } from '../note-failure.ts';

/** Leases run out without telling anybody. */
const EVERY_MS = 3_000;
const ANSWER_MS = 2_000;
/** Who was called and has not come, for want of a worker perhaps, is called again after this. */
const CALL_AGAIN_MS = 60_000;

export interface DoorkeeperDeps {
  readonly db: Db;
  readonly channels: Channels;
  readonly temporal: Temporal;
  readonly log: Logger;
}

/**
 * Calls those who wait for a limit or a pool when their turn has come. They decide themselves, one at a time;
 * one whom no call reaches asks by itself a minute later, so any number of processes may call.
 */
export class Doorkeeper {
  private readonly deps: DoorkeeperDeps;
  private readonly rounds: Rounds;
  /** When each was called whose turn it still is, in ms since the epoch. */
  private called = new Map<string, number>();

  constructor(deps: DoorkeeperDeps) {
    this.deps = deps;
    this.rounds = new Rounds({
      round: () => this.round(),
      everyMs: EVERY_MS,
      failed: noteFailure(deps.log, 'waiting runs not called'),
    });
  }

  start(): void {
    this.deps.channels.listen(LIMIT_CHANNEL, this.rounds.ring);
    this.rounds.start();
  }

  async stop(): Promise<void> {
    await this.rounds.stop();
  }

  private async round(): Promise<void> {
    const turns = await listTurns(this.deps.db);
    const before = this.called;
    this.called = new Map();
    await Promise.all(
      turns.map(async (turn) => {
        const key = `${turn.workflowId} ${turn.block ?? ''}`;
        const calledAt = before.get(key);
        const isDue = calledAt === undefined || Date.now() - calledAt > CALL_AGAIN_MS;
        if (isDue) await this.call(turn);
        this.called.set(key, isDue ? Date.now() : calledAt);
      }),
    );
  }

  /** A run that Temporal does not know any more is closed by the reconciler. */
  private async call({ workflowId, block }: Turn): Promise<void> {
    const { temporal } = this.deps;
    try {
      await temporal.ask(ANSWER_MS, (client) => {
        const handle = client.workflow.getHandle(workflowId);
        return block === null ? handle.signal(ADMITTED_SIGNAL) : handle.signal(SLOTS_SIGNAL, block);
      });
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
    }
  }
}
