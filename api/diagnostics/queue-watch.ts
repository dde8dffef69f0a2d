import { asLeader } from '../../db/as-leader.ts';
import type { Db } from '../../db/database.ts';
import { checkQueues } from '../../db/diagnostics/queue-alert.ts';
import type { Logger } from '../../runtime/log.ts';
import { Rounds } from '../../runtime/rounds.ts';
import { noteFailure } from '../note-failure.ts';

const LOCK = 726_394_023;

export interface QueueWatchDeps {
  readonly db: Db;
  readonly everyMs: number;
  readonly log: Logger;
}

/** Looks at once and then every so often whether too much waits. No worker is needed: one that is missing is why it does. */
export class QueueWatch {
  private readonly rounds: Rounds;

  constructor({ db, everyMs, log }: QueueWatchDeps) {
    this.rounds = new Rounds({
      round: async () => {
        await asLeader(db, LOCK, () => checkQueues(db));
      },
      everyMs,
      failed: noteFailure(log, 'queues not checked'),
    });
  }

  start(): void {
    this.rounds.start();
  }

  stop(): Promise<void> {
    return this.rounds.stop();
  }
}
