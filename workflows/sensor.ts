import {
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  CancelledFailure,
  isCancellation,
  patched,
  workflowInfo,
} from '@temporalio/workflow';
import type { SensorTimes } from '../plan/plan.ts';
import { NOT_YET, SENSOR_ATTEMPT, type BlockOutput, type SensorState } from './activities.ts';
import { activityFor, type BlockCall } from './block-activity.ts';
import { wasLost } from './failure.ts';
import { forgiveLoss } from './lost-attempt.ts';
import { sensorQueue } from './sensor-queue.ts';
import { inVain, runTimedSensor } from './timed-sensor.ts';
import { PutOff, type Waits } from './waits.ts';

const ATTEMPTS_ARE_CHECKS = 'sensor-attempts-are-checks';
/** A sensor ends itself when its time is over; Temporal's bound is for a time without any worker. */
const GRACE_MS = 7 * 24 * 60 * 60_000;

/**
 * Waits until the answer is yes or the time is over, in one activity whose attempts are checks: however
 * often it looks, the history stays as long as it is, and the workflow sleeps. Between two checks there is
 * nothing but a timer of Temporal's: no host, no slot, no connection.
 */
export async function runSensor(
  call: BlockCall,
  times: SensorTimes,
  waits: Waits,
): Promise<BlockOutput> {
  if (!patched(ATTEMPTS_ARE_CHECKS)) return runTimedSensor(call, times, waits);
  const { name } = call.block;
  const state = (waits.take(name) as SensorState | undefined) ?? { since: Date.now() };
  const run = CancellationScope.current();
  const looking = new CancellationScope();
  waits.beginToLook(name, () => {
    looking.cancel();
  });
  try {
    const output = await looking.run(() => look(call, times, state));
    return output.not_yet === undefined ? output : inVain(times, output.not_yet);
  } catch (failure) {
    const interrupted = isCancellation(failure) || isNotYet(failure) || wasLost(failure);
    const puttingOff = looking.consideredCancelled && !run.consideredCancelled;
    if (interrupted && puttingOff) throw new PutOff(state);
    throw isNotYet(failure) ? new CancelledFailure('The sensor was cancelled') : failure;
  } finally {
    waits.endToLook(name);
  }
}

function look(
  call: BlockCall,
  times: SensorTimes,
  { since }: SensorState,
  losses = 0,
): Promise<BlockOutput> {
  const { run, block, policy, inputs } = call;
  const activity = activityFor(block, policy, {
    activityId: losses === 0 ? block.name : `${block.name}#${losses + 1}`,
    taskQueue: sensorQueue(workflowInfo().taskQueue),
    scheduleToCloseTimeout: times.timeoutMs + GRACE_MS,
    // A check says itself when the next one is; this is after one that could not say anything.
    retry: { initialInterval: '1 second', backoffCoefficient: 1, nonRetryableErrorTypes: [LOST] },
  });
  const task = { run, block: block.name, attemptsBefore: 0, inputs, check: { since } };
  return activity(task).catch((failure: unknown) => {
    forgiveLoss(failure, SENSOR_ATTEMPT, losses);
    return look(call, times, { since }, losses + 1);
  });
}

/** What Temporal calls the end of an attempt whose worker was killed. */
const LOST = 'TemporalTimeout:Heartbeat';

/** A check that said no while the sensor was being cancelled: there is no next one. */
function isNotYet(failure: unknown): boolean {
  const cause = failure instanceof ActivityFailure ? failure.cause : failure;
  return cause instanceof ApplicationFailure && cause.type === NOT_YET;
}
