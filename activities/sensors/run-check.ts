import { ApplicationFailure, CancelledFailure, Context } from '@temporalio/activity';
import { untilBack } from '../../db/away.ts';
import { saveCheck, type CheckRow } from '../../db/sensors/save-check.ts';
import { durationText } from '../../pipeline/duration.ts';
import type { PlannedBlock } from '../../plan/plan.ts';
import { Fault, toFault } from '../../runtime/fault.ts';
import {
  WORKER_STOPPED,
  type BlockOutput,
  type BlockTask,
  type CheckTask,
} from '../../workflows/activities.ts';
import type { Mirror } from '../mirror.ts';
import { look, type LookDeps } from './look.ts';
import type { Seen } from './seen.ts';

/** A sensor's checks share one row, the one of its first attempt; so do their log lines. */
const ATTEMPT = 1;
const LINES = 1_000;

export interface CheckDeps extends LookDeps {
  readonly mirror: Mirror;
  readonly worker: string;
}

/** One check of a sensor: looks, and writes down what it saw. */
export async function runCheck(
  deps: CheckDeps,
  task: BlockTask,
  check: CheckTask,
): Promise<BlockOutput> {
  const { cancellationSignal: cancelled } = Context.current();
  const block = await planned(deps, task, cancelled);
  const key = { executionId: task.run.executionId, block: task.block, checks: check.number };
  const save = (row: Pick<CheckRow, 'state' | 'message' | 'value' | 'error'>) =>
    untilBack(() => saveCheck(deps.db, { ...key, worker: deps.worker, ...row }), cancelled);
  try {
    const seen = await lookWithin(deps, task, check, cancelled);
    const output = toOutput(seen, check, task.block);
    await save(rowOf(output, check));
    return output;
  } catch (error) {
    if (cancelled.aborted) throw givenUp();
    const { code, message, retryable } = toFault(error);
    const isLast = !retryable || Context.current().info.attempt >= block.policy.retry.attempts;
    const failed = {
      state: 'failed',
      message,
      error: { code, message, block: task.block },
    } as const;
    await save(isLast ? failed : { state: 'running', message: `the check failed: ${message}` });
    const details = [ATTEMPT];
    throw ApplicationFailure.create({ type: code, message, nonRetryable: !retryable, details });
  }
}

async function planned(
  { plans }: CheckDeps,
  task: BlockTask,
  signal: AbortSignal,
): Promise<PlannedBlock> {
  const { blocks, hash } = await untilBack(() => plans.get(task.run.plan), signal);
  const block = blocks.find(({ name }) => name === task.block);
  if (!block) throw new Fault('plan.not_found', `Plan ${hash} has no block ${task.block}`);
  return block;
}

async function lookWithin(
  deps: CheckDeps,
  task: BlockTask,
  { number }: CheckTask,
  cancelled: AbortSignal,
): Promise<Seen> {
  const plan = await deps.plans.get(task.run.plan);
  const block = await planned(deps, task, cancelled);
  const late = AbortSignal.timeout(block.policy.timeoutMs);
  const signal = AbortSignal.any([cancelled, late]);
  let lines = 0;
  try {
    return await look(deps, {
      ...{ task, plan, block, number, signal },
      log(level, message, fields) {
        lines += 1;
        if (lines > LINES) return;
        deps.mirror.logLine({
          ...{ execution_id: task.run.executionId, block: block.name, attempt: ATTEMPT },
          ...{ seq: (number - 1) * LINES + lines, level, message },
          logged_at: new Date().toISOString(),
          ...(fields && { fields }),
        });
      },
    });
  } catch (error) {
    if (cancelled.aborted || !late.aborted) throw error;
    return { notYet: `there was no answer within ${durationText(block.policy.timeoutMs)}` };
  }
}

function toOutput(seen: Seen, { last, timeoutMs }: CheckTask, block: string): BlockOutput {
  if ('value' in seen) return { attempt: ATTEMPT, rows: null, value: seen.value };
  const { notYet } = seen;
  const inVain = `${block} waited ${durationText(timeoutMs)} in vain: ${notYet}`;
  return { attempt: ATTEMPT, rows: null, not_yet: last ? inVain : notYet };
}

function rowOf({ not_yet, value }: BlockOutput, { last }: CheckTask) {
  if (not_yet === undefined) {
    return {
      state: 'succeeded',
      message: 'it is so',
      ...(value !== undefined && { value }),
    } as const;
  }
  if (!last) return { state: 'running', message: not_yet } as const;
  if (last === 'is skipped') return { state: 'skipped', message: not_yet } as const;
  const error = { code: 'block.timed_out', message: not_yet };
  return { state: 'timed_out', message: not_yet, error } as const;
}

/** Of a worker that stops another one takes over. */
function givenUp(): Error {
  if (!Context.current().cancellationDetails?.workerShutdown) {
    return new CancelledFailure('The sensor was cancelled');
  }
  const message = 'The worker was stopped during this check';
  return ApplicationFailure.create({ type: WORKER_STOPPED, message, details: [ATTEMPT] });
}
