import { ApplicationFailure } from '@temporalio/workflow';
import type { SensorTimes } from '../plan/plan.ts';
import type { BlockOutput, CheckTask, SensorState } from './activities.ts';
import { activityFor, LOST_LIMIT, type BlockCall } from './block-activity.ts';
import { wasLost } from './failure.ts';
import { nextCheck, summaryOf } from './sensor-rhythm.ts';
import { isLong, pauseFor, PutOff, type Waits } from './waits.ts';

/** A sensor's row in the mirror is that of its first attempt. */
const ATTEMPT = 1;
/** However many checks are due, blocks that work go first. */
const LAST = 5;

/**
 * Checks until the answer is yes or the time is over. Between two checks there is nothing but a timer: no
 * host, no slot, no connection. The last check comes when the time is over.
 */
export async function runSensor(
  call: BlockCall,
  times: SensorTimes,
  waits: Waits,
): Promise<BlockOutput> {
  const { name } = call.block;
  let state = (waits.take(name) as SensorState | undefined) ?? beginning();
  for (let losses = 0; ;) {
    await pauseFor(state.next - Date.now(), summaryOf(name, state));
    if (state.next > Date.now() && isLong()) throw new PutOff(state);
    const last = state.next >= state.since + times.timeoutMs;
    const output = await check(call, times, state, last).catch((failure: unknown) => {
      if (!wasLost(failure) || losses === LOST_LIMIT) throw failure;
      losses += 1;
      return undefined;
    });
    state = { ...state, checks: state.checks + 1 };
    if (!output) continue;
    if (output.not_yet === undefined) return { ...output, attempt: ATTEMPT };
    if (last) return inVain(times, output.not_yet);
    losses = 0;
    state = { ...state, next: nextCheck(times, state, Date.now(), Math.random()) };
  }
}

function beginning(): SensorState {
  const now = Date.now();
  return { since: now, checks: 0, next: now };
}

function check(
  { run, block, policy, inputs }: BlockCall,
  { softFail, timeoutMs }: SensorTimes,
  { checks }: SensorState,
  isLast: boolean,
): Promise<BlockOutput> {
  const number = checks + 1;
  const last: CheckTask['last'] = softFail ? 'is skipped' : 'fails';
  const activity = activityFor(block, policy, {
    activityId: `${block.name}#${number}`,
    priority: { priorityKey: LAST },
  });
  const check = { number, timeoutMs, ...(isLast && { last }) };
  return activity({ run, block: block.name, attemptsBefore: 0, inputs, check });
}

function inVain({ softFail }: SensorTimes, message: string): BlockOutput {
  if (softFail) return { attempt: ATTEMPT, rows: null, skipped: true };
  throw ApplicationFailure.create({ type: 'block.timed_out', message, details: [ATTEMPT] });
}
