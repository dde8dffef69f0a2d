import {
  ApplicationFailure,
  CancellationScope,
  CancelledFailure,
  condition,
  isCancellation,
  setCurrentDetails,
} from '@temporalio/workflow';
import type { Policy } from '../plan/plan.ts';
import type { Route, RouteBlock } from '../plan/route.ts';
import type { ClosedState } from '../plan/run-state.ts';
import type { BlockOutput, CarriedRun, CloseRun, RunContext, Watermark } from './activities.ts';
import { runBlock } from './block.ts';
import { Board } from './board.ts';
import { progressOf } from './details.ts';
import { closedBy } from './failure.ts';
import { isLong, PutOff, Waits } from './waits.ts';

/**
 * Temporal holds at most 2,000 activities of a run at once, and whatever happens to one of them costs it more
 * the more there are.
 */
const MAX_RUNNING = 500;
/** One workflow task may schedule no more than this: a gRPC message ends at 4 MiB. */
const BURST_BYTES = 2 * 1024 * 1024;
const TASK_OVERHEAD_BYTES = 512;

/**
 * One run in one history, from its first block to the point where it ends or continues as new. The SDK
 * takes a stack trace of every promise, so a block makes as few as it can: callbacks instead of async functions.
 */
export class Run {
  private readonly board: Board;
  private readonly context: RunContext;
  private readonly route: Route;
  private readonly blocks = new CancellationScope();
  private readonly maxRunning: number;
  private readonly waits: Waits;
  private watermark: Watermark | null;
  private cancelled = false;

  constructor(context: RunContext, route: Route, carried: CarriedRun | undefined) {
    this.context = context;
    this.route = route;
    this.board = new Board(route, carried?.blocks, carried?.outputs);
    this.watermark = carried?.watermark ?? null;
    this.waits = new Waits(carried?.waits);
    if (this.holdsSlots) this.waits.listen();
    const taskBytes = JSON.stringify(context).length + TASK_OVERHEAD_BYTES;
    this.maxRunning = Math.max(1, Math.min(MAX_RUNNING, Math.floor(BURST_BYTES / taskBytes)));
  }

  /** Settles when no block runs and none will start in this history. */
  async toItsEnd(): Promise<void> {
    // What a block's end starts in its turn belongs to this scope as well.
    void this.blocks.run(() => {
      this.startReadyBlocks();
      return Promise.resolve();
    });
    try {
      await condition(() => this.atRest);
    } catch (error) {
      if (!isCancellation(error)) throw error;
      this.cancelled = true;
      await CancellationScope.nonCancellable(() => condition(() => this.board.running.size === 0));
    }
  }

  /** The history is long, and the rest of the run belongs into a new one. */
  get mustContinue(): boolean {
    return !this.stopping && !this.board.finished;
  }

  get carried(): CarriedRun {
    const { context, board, watermark } = this;
    const { carried: waits } = this.waits;
    return {
      ...{ context, watermark, blocks: board.closedBlocks, outputs: board.neededOutputs },
      ...(waits && { waits }),
    };
  }

  get closing(): CloseRun {
    const { state, watermark } = this;
    return {
      executionId: this.context.executionId,
      state,
      error: this.board.firstError ?? null,
      watermark: state === 'succeeded' ? watermark : null,
      blocks: this.board.finalBlocks,
      ...(this.holdsSlots && { holdsSlots: true }),
    };
  }

  /** What the workflow ends with, unless the run succeeded. */
  get failure(): Error | undefined {
    if (this.cancelled) return new CancelledFailure('The run was cancelled');
    const error = this.board.firstError;
    if (!error) return undefined;
    const message = error.block === undefined ? error.message : `${error.block}: ${error.message}`;
    return ApplicationFailure.create({ type: error.code, message, nonRetryable: true });
  }

  private get holdsSlots(): boolean {
    return this.route.blocks.some(({ pool }) => pool !== undefined);
  }

  private get state(): ClosedState {
    if (this.cancelled) return 'cancelled';
    return this.board.firstError ? 'failed' : 'succeeded';
  }

  private get stopping(): boolean {
    return this.blocks.consideredCancelled;
  }

  private get atRest(): boolean {
    if (this.board.running.size > 0) return false;
    return this.stopping || this.board.finished || isLong();
  }

  private startReadyBlocks(): void {
    if (isLong()) this.waits.giveWay(this.board.running);
    else if (!this.stopping) {
      const room = this.maxRunning - this.board.running.size;
      for (const block of this.board.take(room)) this.start(block);
    }
    setCurrentDetails(progressOf(this.route, this.board));
  }

  private start(block: RouteBlock): void {
    const policy = this.policyOf(block);
    const call = { run: this.context, block, policy, inputs: this.board.inputsOf(block) };
    void runBlock(call, this.waits).then(
      (output) => {
        this.watermark = output.watermark ?? this.watermark;
        this.end(block.name, output);
        this.startReadyBlocks();
      },
      (failure: unknown) => {
        if (failure instanceof PutOff) {
          this.waits.keep(block.name, failure.state);
          this.board.putBack(block);
          this.startReadyBlocks();
          return;
        }
        this.board.fail(closedBy(block.name, failure, this.stopping));
        if (policy.onFailure === 'fail') this.blocks.cancel();
        this.startReadyBlocks();
      },
    );
  }

  private end(name: string, output: BlockOutput): void {
    if (output.skipped) this.board.fail({ name, state: 'skipped', attempt: output.attempt });
    else this.board.succeed(name, output);
  }

  private policyOf(block: RouteBlock): Policy {
    const policy = this.route.policies[block.policy];
    if (!policy) throw new Error(`Block ${block.name} has no policy`);
    return policy;
  }
}
