import type { Client } from '@temporalio/client';
import type { Channels } from '../../db/channels.ts';
import { WATCH_CHANNEL } from '../../db/standings/watch.ts';
import type { Logger } from '../../runtime/log.ts';
import { Rounds } from '../../runtime/rounds.ts';
import type { Temporal } from '../../runtime/temporal.ts';
import { WAKE_SIGNAL, WATCH_WORKFLOW, watchId } from '../../workflows/watch.ts';
import { noteFailure } from '../note-failure.ts';

const EVERY_MS = 3_000;
const ANSWER_MS = 2_000;

export interface WatchKeeperDeps {
  readonly channels: Channels;
  readonly temporal: Temporal;
  readonly taskQueue: string;
  readonly log: Logger;
}

/**
 * Sees to it that the watch over deadlines runs, also when somebody ended it, and passes on who wakes
 * it.
 */
export class WatchKeeper {
  private readonly deps: WatchKeeperDeps;
  /** Rung by whoever wakes the watch. */
  private readonly rounds: Rounds;

  constructor(deps: WatchKeeperDeps) {
    this.deps = deps;
    this.rounds = new Rounds({
      round: (rung) => this.round(rung),
      everyMs: EVERY_MS,
      failed: noteFailure(deps.log, 'watch not kept'),
    });
  }

  start(): void {
    this.deps.channels.listen(WATCH_CHANNEL, this.rounds.ring);
    this.rounds.start();
  }

  async stop(): Promise<void> {
    await this.rounds.stop();
  }

  private async round(isWoken: boolean): Promise<void> {
    await this.deps.temporal.ask(ANSWER_MS, (client) =>
      isWoken ? this.wake(client) : this.ensure(client),
    );
  }

  private async ensure(client: Client): Promise<void> {
    await client.workflow.start(WATCH_WORKFLOW, {
      ...this.options,
      workflowIdConflictPolicy: 'USE_EXISTING',
    });
  }

  private async wake(client: Client): Promise<void> {
    await client.workflow.signalWithStart(WATCH_WORKFLOW, { ...this.options, signal: WAKE_SIGNAL });
  }

  private get options() {
    const { taskQueue } = this.deps;
    return {
      taskQueue,
      workflowId: watchId(taskQueue),
      staticSummary: 'looks at every deadline when it has come',
    };
  }
}
