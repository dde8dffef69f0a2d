import { ActivityFailure, ApplicationFailure, sleep } from '@temporalio/workflow';
import type { PoolShare } from '../plan/plan.ts';
import { SLOTS_LOST, type BlockOutput, type PooledState } from './activities.ts';
import { activityFor, type BlockCall } from './block-activity.ts';
import { wasLost } from './failure.ts';
import { takeSlots } from './local-activities.ts';
import { forgiveLoss } from './lost-attempt.ts';
import { isLong, PutOff, type Waits } from './waits.ts';

/** Should nobody call, it asks by itself after this. */
const ASK_AGAIN_MS = 60_000;

/**
 * Runs a block whose attempts each hold slots of a pool: they are taken before an attempt is scheduled, so
 * that one that waits holds nothing else. Its retries are timed here, as Temporal would time them; the time
 * that it waits for slots counts for neither its timeout nor its deadline.
 */
export async function runPooled(
  call: BlockCall,
  pool: PoolShare,
  waits: Waits,
): Promise<BlockOutput> {
  const { name } = call.block;
  let state = (waits.take(name) as PooledState | undefined) ?? BEGINNING;
  for (;;) {
    await untilGranted(call, pool, waits, state);
    const began = Date.now();
    try {
      return await attempt(call, pool, state);
    } catch (failure) {
      if (isSlotsLost(failure)) continue;
      const usedMs = state.usedMs + Date.now() - began;
      const next = { ...state, usedMs, attempt: state.attempt + 1 };
      if (wasLost(failure)) {
        forgiveLoss(failure, state.attempt, state.losses);
        state = { ...next, losses: state.losses + 1 };
      } else {
        state = await untilNextTry(call, next, failure);
      }
    }
  }
}

const BEGINNING: PooledState = { attempt: 1, tries: 0, losses: 0, usedMs: 0 };

async function untilGranted(
  { run, block }: BlockCall,
  pool: PoolShare,
  waits: Waits,
  state: PooledState,
): Promise<void> {
  const request = { executionId: run.executionId, block: block.name, attempt: state.attempt, pool };
  while (!(await takeSlots(request)).granted) {
    if (isLong()) throw new PutOff(state);
    await waits.untilCalled(block.name, ASK_AGAIN_MS, `${block.name}: until ${pool.name} is free`);
  }
}

function attempt(
  { run, block, policy, inputs }: BlockCall,
  pool: PoolShare,
  state: PooledState,
): Promise<BlockOutput> {
  const activity = activityFor(block, policy, {
    activityId: state.attempt === 1 ? block.name : `${block.name}#${state.attempt}`,
    scheduleToCloseTimeout: policy.deadlineMs - state.usedMs,
    retry: { maximumAttempts: 1 },
  });
  return activity({ run, block: block.name, attemptsBefore: state.attempt - 1, inputs, pool });
}

async function untilNextTry(
  { policy: { retry, deadlineMs } }: BlockCall,
  state: PooledState,
  failure: unknown,
): Promise<PooledState> {
  const tries = state.tries + 1;
  const pauseMs = Math.min(retry.initialMs * retry.backoff ** (tries - 1), retry.maxMs);
  const usedMs = state.usedMs + pauseMs;
  if (!mayTryAgain(failure) || tries >= retry.attempts || usedMs >= deadlineMs) throw failure;
  await sleep(pauseMs);
  return { ...state, tries, usedMs };
}

/** Of one attempt Temporal says so when another one might help. */
function mayTryAgain(failure: unknown): boolean {
  return failure instanceof ActivityFailure && failure.retryState === 'MAXIMUM_ATTEMPTS_REACHED';
}

function isSlotsLost(failure: unknown): boolean {
  const cause = failure instanceof ActivityFailure ? failure.cause : failure;
  return cause instanceof ApplicationFailure && cause.type === SLOTS_LOST;
}
