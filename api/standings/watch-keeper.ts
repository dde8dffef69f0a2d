import type { Client } from '@temporalio/client';
import { isAway } from '../../db/away.ts';
import { listen, type Listening } from '../../db/listen.ts';
import { WATCH_CHANNEL } from '../../db/standings/watch.ts';
import { Alarm } from '../../runtime/alarm.ts';
import { Fault } from '../../runtime/fault.ts';
import type { Logger } from '../../runtime/log.ts';
import type { Temporal } from '../../runtime/temporal.ts';
import { WAKE_SIGNAL, WATCH_WORKFLOW, watchId } from '../../workflows/watch.ts';

const EVERY_MS = 3_000;
const ANSWER_MS = 2_000;

export interface WatchKeeperDeps {
  readonly databaseUrl: string;
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
  private readonly stopping = new AbortController();
  /** Rung by whoever wakes the watch. */
  private readonly alarm = new Alarm();
  private listening: Listening | undefined;
  private keeping: Promise<void> = Promise.resolve();

  constructor(deps: WatchKeeperDeps) {
    this.deps = deps;
  }

  start(): void {
    const { databaseUrl, log } = this.deps;
    const heard = () => {
      this.alarm.ring();
    };
    this.listening = listen(databaseUrl, WATCH_CHANNEL, heard, log);
    this.keeping = this.keep();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    this.alarm.ring();
    await this.listening?.close();
    await this.keeping;
  }

  private async keep(): Promise<void> {
    const { stopping, deps } = this;
    let isWoken = false;
    while (!stopping.signal.aborted) {
      await deps.temporal
        .ask(ANSWER_MS, (client) => (isWoken ? this.wake(client) : this.ensure(client)))
        .catch((error: unknown) => {
          this.note(error);
        });
      isWoken = await this.alarm.sleep(EVERY_MS);
    }
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

  private note(error: unknown): void {
    const expected = error instanceof Fault || isAway(error);
    this.deps.log[expected ? 'debug' : 'error']({ err: error }, 'watch not kept');
  }
}
