import {
  CancellationScope,
  CancelledFailure,
  condition,
  continueAsNew,
  defineSignal,
  setHandler,
} from '@temporalio/workflow';
import { LOOK_SIGNAL, type BackfillInput } from './backfill.ts';
import { IntervalWindow } from './interval-window.ts';
import { driveBackfill } from './local-activities.ts';

const look = defineSignal(LOOK_SIGNAL);

/**
 * Runs a pipeline for every interval of a backfill, a bounded number at a time. What it is to do stands in
 * the database: it looks there whenever it is told to, and when it needs more.
 */
export async function highwater_backfill({ backfill }: BackfillInput): Promise<void> {
  const itself = CancellationScope.current();
  await CancellationScope.nonCancellable(() => drive(backfill, itself));
  if (itself.consideredCancelled) throw new CancelledFailure('The backfill was cancelled');
}

async function drive(backfill: number, itself: CancellationScope): Promise<void> {
  const window = new IntervalWindow(backfill);
  let looks = 0;
  const wake = () => {
    looks += 1;
  };
  setHandler(look, wake);
  void itself.cancelRequested.catch(wake);
  for (;;) {
    const seen = looks;
    const orders = await driveBackfill(window.takeReport(itself.consideredCancelled));
    window.follow(orders);
    if (orders.state === 'ended' && looks === seen) return;
    if (window.mustContinue) return continueAsNew<typeof highwater_backfill>({ backfill });
    await condition(() => looks > seen || window.mustReport);
  }
}
