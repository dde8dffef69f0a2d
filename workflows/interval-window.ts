import { CancellationScope, workflowInfo } from '@temporalio/workflow';
import type { BackfillOrders, BackfillReport, EndedInterval, NextInterval } from './backfill.ts';
import { endedBy, runInterval } from './interval-run.ts';

/** How many intervals it knows ahead, so that the next one starts as soon as one has ended. */
const AHEAD = 100;
/** A child costs its parent about ten events of the 4,096 after which a history is long. */
const MOST_STARTED = 300;

/** The intervals that run at the same time, and those that come next. */
export class IntervalWindow {
  private readonly backfill: number;
  private readonly children = new CancellationScope();
  private readonly running = new Set<number>();
  private queue: NextInterval[] = [];
  private ended: EndedInterval[] = [];
  private orders: BackfillOrders | undefined;
  private started = 0;
  private room = 0;
  private exhausted = false;

  constructor(backfill: number) {
    this.backfill = backfill;
  }

  /** What has ended is told once. */
  takeReport(cancelled: boolean): BackfillReport {
    const { backfill, ended, queue, running } = this;
    this.ended = [];
    this.room = this.isLong ? 0 : Math.max(AHEAD, this.maxParallel) - queue.length;
    const held = [...running, ...queue.map(({ nr }) => nr)];
    return { backfill, ended, held, room: this.room, cancelled };
  }

  /** Starts what may start now. Runs go on to their ends, unless the backfill is cancelled. */
  follow(orders: BackfillOrders): void {
    this.orders = orders;
    if (orders.state === 'running') {
      this.queue.push(...orders.next);
      this.exhausted = orders.next.length < this.room;
      this.startNext();
      return;
    }
    this.queue = [];
    this.exhausted = false;
    if (orders.state === 'cancelling') this.children.cancel();
  }

  /** Somebody has to hear of what ended, or it has too little to go on with. */
  get mustReport(): boolean {
    if (this.ended.some(({ state }) => state !== 'succeeded')) return true;
    if (this.isDrained) return this.orders?.state !== 'paused' || this.ended.length > 0;
    const isLow = this.queue.length < this.maxParallel && !this.exhausted;
    return isLow && this.mayStart;
  }

  /** The history is long, all has been told, and no child would lose its parent. */
  get mustContinue(): boolean {
    return this.isLong && this.running.size === 0 && this.ended.length === 0;
  }

  private get maxParallel(): number {
    return this.orders?.maxParallel ?? 0;
  }

  private get mayStart(): boolean {
    return this.orders?.state === 'running' && !this.isLong;
  }

  private get isDrained(): boolean {
    return this.running.size === 0 && (this.queue.length === 0 || !this.mayStart);
  }

  private get isLong(): boolean {
    return this.started >= MOST_STARTED || workflowInfo().continueAsNewSuggested;
  }

  private startNext(): void {
    while (this.orders && this.mayStart && this.running.size < this.maxParallel) {
      const interval = this.queue.shift();
      if (!interval) return;
      this.start(interval, this.orders);
    }
  }

  private start(interval: NextInterval, { runs }: BackfillOrders): void {
    const { nr, attempt } = interval;
    this.started += 1;
    this.running.add(nr);
    const end = (how: Pick<EndedInterval, 'state' | 'error'>) => {
      this.running.delete(nr);
      this.ended.push({ nr, attempt, ...how });
      this.startNext();
    };
    const run = this.children.run(() => runInterval(this.backfill, interval, runs));
    void run.then(
      ({ state }) => {
        end({ state });
      },
      (failure: unknown) => {
        end(endedBy(failure));
      },
    );
  }
}
