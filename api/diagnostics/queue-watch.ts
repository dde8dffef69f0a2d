import type { Db } from '../../db/database.ts';
import { watchQueues } from '../../db/diagnostics/queue-alert.ts';
import type { Logger } from '../../runtime/log.ts';
import { Rounds } from '../../runtime/rounds.ts';
import { noteFailure } from '../note-failure.ts';

export interface QueueWatchDeps {
  readonly db: Db;
  readonly everyMs: number;
  /** While too much waits. */
  readonly closelyMs: number;
  readonly log: Logger;
}

/**
 * Looks every so often whether too much waits, and more often while it does; what waits when the process starts
 * has `everyMs` to be done. No worker is needed: one that is missing may be why.
 */
export class QueueWatch {
  private readonly rounds: Rounds;
  private readonly everyMs: number;
  private firstAt = 0;

  constructor({ db, everyMs, closelyMs, log }: QueueWatchDeps) {
    this.everyMs = everyMs;
    this.rounds = new Rounds({
      round: async () => {
        const early = this.firstAt - Date.now();
        if (early > 0) return early;
        return (await watchQueues(db, everyMs)) ? closelyMs : everyMs;
      },
      everyMs,
      failed: noteFailure(log, 'queues not checked'),
    });
  }

  start(): void {
    this.firstAt = Date.now() + this.everyMs;
    this.rounds.start();
  }

  stop(): Promise<void> {
    return this.rounds.stop();
  }
}
