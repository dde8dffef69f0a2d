import type { BlockDefinition, SensorBlock } from '../pipeline/block.ts';
import { durationMs } from '../pipeline/duration.ts';
import type { PolicyDefaults, Retry as RetryDefinition } from '../pipeline/policy.ts';
import type { Policy, Retry } from './plan.ts';

const TIMEOUT_MS = 10 * 60_000;
const DEADLINE_MS = 60 * 60_000;
const CHECK_MS = 60_000;
const RETRY: Retry = { attempts: 3, initialMs: 1_000, backoff: 2, maxMs: 60_000 };

/**
 * A block's policy: its own words, then the pipeline's, the project's, and the built-in ones. A
 * sub-pipeline is tried once and may take its whole deadline, unless it says otherwise itself: its
 * blocks have retries and timeouts of their own.
 */
export function policyOf(block: BlockDefinition, defaults: readonly PolicyDefaults[]): Policy {
  if (block.kind === 'sensor') return policyOfCheck(block, defaults);
  const levels = [block, ...defaults];
  const own = block.kind === 'pipeline' ? [block] : levels;

  const retry = retryOf(
    levels.map((level) => level.retry ?? {}),
    block.kind === 'pipeline' ? (block.retry?.attempts ?? 1) : undefined,
  );
  const timeout = own.find((level) => level.timeout)?.timeout;
  const deadline = levels.find((level) => level.deadline)?.deadline;
  const timeoutMs = timeout === undefined ? TIMEOUT_MS : durationMs(timeout);
  const deadlineMs =
    deadline === undefined
      ? Math.max(DEADLINE_MS, timeoutMs * retry.attempts)
      : durationMs(deadline);
  const wholeDeadline = block.kind === 'pipeline' && timeout === undefined;
  return {
    retry,
    timeoutMs: wholeDeadline ? deadlineMs : Math.min(timeoutMs, deadlineMs),
    deadlineMs,
    onFailure: block.on_failure ?? 'fail',
  };
}

/** Of one check of a sensor: times of blocks that work say nothing of it. */
function policyOfCheck(block: SensorBlock, defaults: readonly PolicyDefaults[]): Policy {
  const retry = retryOf(
    [block.retry ?? {}, ...defaults.map((level) => level.retry ?? {})],
    undefined,
  );
  const timeoutMs = block.check_timeout === undefined ? CHECK_MS : durationMs(block.check_timeout);
  const deadlineMs = Math.max(DEADLINE_MS, timeoutMs * retry.attempts);
  return { retry, timeoutMs, deadlineMs, onFailure: block.on_failure ?? 'fail' };
}

function retryOf(levels: readonly RetryDefinition[], attempts: number | undefined): Retry {
  const said = <K extends keyof RetryDefinition>(key: K): RetryDefinition[K] =>
    levels.find((level) => level[key] !== undefined)?.[key];
  const initial = said('initial_interval');
  const longest = said('max_interval');
  const initialMs = initial === undefined ? RETRY.initialMs : durationMs(initial);
  const maxMs = longest === undefined ? RETRY.maxMs : durationMs(longest);
  return {
    attempts: attempts ?? said('attempts') ?? RETRY.attempts,
    initialMs,
    backoff: said('backoff') ?? RETRY.backoff,
    maxMs: Math.max(initialMs, maxMs),
  };
}
