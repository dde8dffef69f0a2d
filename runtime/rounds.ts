import { Alarm } from './alarm.ts';
import { messageOf } from './fault.ts';

export interface RoundsOptions {
  /** Does one round. Answers how many ms the next one may wait, if that is not `everyMs`; `rung`: somebody asked for it. */
  readonly round: (rung: boolean) => Promise<number> | Promise<void>;
  /** The pause after a round that names none, and after one that failed. */
  readonly everyMs: number;
  /** Told of a round that failed; of the same failure only once, until a round has succeeded. */
  readonly failed: (error: unknown) => void;
}

/** Does one round after another until it is stopped, with pauses between them that a ring cuts short. */
export class Rounds {
  private readonly options: RoundsOptions;
  private readonly alarm = new Alarm();
  private readonly stopping = new AbortController();
  private rounds: Promise<void> = Promise.resolve();
  private failure: string | undefined;

  constructor(options: RoundsOptions) {
    this.options = options;
  }

  /** Aborted when it is asked to stop. */
  get signal(): AbortSignal {
    return this.stopping.signal;
  }

  start(): void {
    this.rounds = this.repeat();
  }

  /** Asks for a round now, or for another one after the one at hand. */
  readonly ring = (): void => {
    this.alarm.ring();
  };

  /** Ends after the round at hand. */
  async stop(): Promise<void> {
    this.stopping.abort();
    this.alarm.ring();
    await this.rounds;
  }

  private async repeat(): Promise<void> {
    let rung = false;
    while (!this.signal.aborted) {
      rung = await this.alarm.sleep(await this.try(rung));
    }
  }

  /** Answers how long to wait. */
  private async try(rung: boolean): Promise<number> {
    const { round, everyMs, failed } = this.options;
    try {
      const pause = await round(rung);
      this.failure = undefined;
      return pause ?? everyMs;
    } catch (error) {
      const failure = messageOf(error);
      if (failure !== this.failure) failed(error);
      this.failure = failure;
      return everyMs;
    }
  }
}
