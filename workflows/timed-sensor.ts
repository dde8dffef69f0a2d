import { ApplicationFailure } from '@temporalio/workflow';
import type { SensorTimes } from '../plan/plan.ts';
import { nextCheck } from '../plan/sensor-rhythm.ts';
import {
  SENSOR_ATTEMPT,
  type BlockOutput,
  type OneCheck,
  type TimedSensorState,
} from './activities.ts';
import { activityFor, type BlockCall } from './block-activity.ts';
import { forgiveLoss } from './lost-attempt.ts';
import { isLong, pauseFor, PutOff, type Waits } from './waits.ts';

const LAST = 5;

/** How sensors waited in histories that are older than `runSensor`: an activity for each check, and a timer. */
export async function runTimedSensor(
  call: BlockCall,
  times: SensorTimes,
  waits: Waits,
): Promise<BlockOutput> {
  const { name } = call.block;
  let state = (waits.take(name) as TimedSensorState | undefined) ?? beginning();
  for (let losses = 0; ;) {
    await pauseFor(state.next - Date.now(), `${name}: until check ${state.checks + 1}`);
    if (state.next > Date.now() && isLong()) throw new PutOff(state);
    const last = state.next >= state.since + times.timeoutMs;
    const output = await check(call, times, state, last).catch((failure: unknown) => {
      forgiveLoss(failure, SENSOR_ATTEMPT, losses);
      losses += 1;
      return undefined;
    });
    state = { ...state, checks: state.checks + 1 };
    if (!output) continue;
    if (output.not_yet === undefined) return { ...output, attempt: SENSOR_ATTEMPT };
    if (last) return inVain(times, output.not_yet);
    losses = 0;
    state = { ...state, next: nextCheck(times, state, Date.now(), Math.random()) };
  }
}

function beginning(): TimedSensorState {
  const now = Date.now();
  return { since: now, checks: 0, next: now };
}

function check(
  { run, block, policy, inputs }: BlockCall,
  { softFail, timeoutMs }: SensorTimes,
  { checks }: TimedSensorState,
  isLast: boolean,
): Promise<BlockOutput> {
  const number = checks + 1;
  const last: OneCheck['last'] = softFail ? 'is skipped' : 'fails';
  const activity = activityFor(block, policy, {
    activityId: `${block.name}#${number}`,
    priority: { priorityKey: LAST },
  });
  const check = { number, timeoutMs, ...(isLast && { last }) };
  return activity({ run, block: block.name, attemptsBefore: 0, inputs, check });
}

/** The end of a sensor whose time is over. */
export function inVain({ softFail }: SensorTimes, message: string): BlockOutput {
  if (softFail) return { attempt: SENSOR_ATTEMPT, rows: null, skipped: true };
  throw ApplicationFailure.create({ type: 'block.timed_out', message, details: [SENSOR_ATTEMPT] });
}
