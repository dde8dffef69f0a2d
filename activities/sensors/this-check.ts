import { untilBack } from '../../db/away.ts';
import type { Db } from '../../db/database.ts';
import { countChecks } from '../../db/sensors/count-checks.ts';
import type { SensorTimes } from '../../plan/plan.ts';
import { nextCheck } from '../../plan/sensor-rhythm.ts';
import { Fault } from '../../runtime/fault.ts';
import type { BlockTask, CheckTask, OneCheck } from '../../workflows/activities.ts';

/** Which check of its sensor this is. */
interface ThisCheck extends OneCheck {
  /** The next one, in ms since the epoch, unless it is for the workflow to ask for it. */
  readonly nextAt?: () => number;
}

export async function thisCheck(
  db: Db,
  { run, block }: BlockTask,
  asked: CheckTask,
  times: SensorTimes | undefined,
  signal: AbortSignal,
): Promise<ThisCheck> {
  if ('number' in asked) return asked;
  if (!times) throw new Fault('plan.not_found', `Block ${block} of this plan is no sensor`);
  const number = 1 + (await untilBack(() => countChecks(db, run.executionId, block), signal));
  const { timeoutMs, softFail } = times;
  if (Date.now() >= asked.since + timeoutMs) {
    return { number, timeoutMs, last: softFail ? 'is skipped' : 'fails' };
  }
  const state = { since: asked.since, checks: number };
  return { number, timeoutMs, nextAt: () => nextCheck(times, state, Date.now(), Math.random()) };
}
