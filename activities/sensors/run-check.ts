import { ApplicationFailure, CancelledFailure, Context } from '@temporalio/activity';
import { untilBack } from '../../db/away.ts';
import { saveCheck } from '../../db/sensors/save-check.ts';
import {
  WORKER_STOPPED,
  type BlockOutput,
  type BlockTask,
  type CheckTask,
} from '../../workflows/activities.ts';
import type { Mirror } from '../mirror.ts';
import { findPlanned } from '../plans.ts';
import { answerOf, rowOf, rowOfFailed, type CheckOutcome } from './answer.ts';
import { failedCheck, notYet } from './check-failure.ts';
import { openCheckLog } from './check-log.ts';
import { look, type LookDeps } from './look.ts';
import { thisCheck } from './this-check.ts';

export interface CheckDeps extends LookDeps {
  readonly mirror: Mirror;
  /** Names this worker in the row of the sensor. */
  readonly worker: string;
}

/**
 * One check of a sensor: looks, and writes down what it saw. One that says no fails, and has Temporal make
 * another one after a while; the last one answers that the sensor waited in vain.
 */
export async function runCheck(
  deps: CheckDeps,
  task: BlockTask,
  asked: CheckTask,
): Promise<BlockOutput> {
  const { cancellationSignal: cancelled } = Context.current();
  const { plan, block } = await findPlanned(deps.plans, task, cancelled);
  const check = await thisCheck(deps.db, task, asked, block.sensor, cancelled);
  const key = { executionId: task.run.executionId, block: task.block, checks: check.number };
  const save = (outcome: CheckOutcome) =>
    untilBack(() => saveCheck(deps.db, { ...key, worker: deps.worker, ...outcome }), cancelled);
  const log = openCheckLog(deps.mirror, task, check.number);
  let output: BlockOutput;
  try {
    const seen = await look(deps, { task, plan, block, number: check.number, log, cancelled });
    output = answerOf(seen, check, task.block);
    await save(rowOf(output, check));
  } catch (error) {
    if (cancelled.aborted) throw givenUp();
    const failure = failedCheck(error, block.policy.retry);
    await save(rowOfFailed(failure, task.block));
    throw failure;
  }
  if (output.not_yet === undefined || check.nextAt === undefined) return output;
  throw notYet(output.not_yet, check.nextAt());
}

/** Of a worker that stops another one takes over. */
function givenUp(): Error {
  if (!Context.current().cancellationDetails?.workerShutdown) {
    return new CancelledFailure('The sensor was cancelled');
  }
  const message = 'The worker was stopped during this check';
  return ApplicationFailure.create({ type: WORKER_STOPPED, message });
}
