import type { Db } from '../../db/database.ts';
import { findCovering, findLastSuccess } from '../../db/sensors/find-success.ts';
import { durationText } from '../../pipeline/duration.ts';
import type { Check } from '../../plan/plan.ts';
import { Fault } from '../../runtime/fault.ts';
import type { RunContext } from '../../workflows/activities.ts';
import type { Seen } from './seen.ts';

type PipelineCheck = Extract<Check, { type: 'check_pipeline' }>;

/** Whether another pipeline is done with what this run stands for, or has succeeded lately enough. */
export async function checkPipeline(
  db: Db,
  { pipeline, withinMs }: PipelineCheck,
  run: RunContext,
): Promise<Seen> {
  if (withinMs !== null) return checkAge(db, pipeline, withinMs);
  if (run.intervalStart === null && run.scheduledAt === null) {
    const message = `Run ${run.executionId} stands for no time: say within, or run it by a schedule or a backfill`;
    throw new Fault('block.invalid', message);
  }
  const covering = await findCovering(db, pipeline, run);
  if (covering !== undefined) return { value: { run: covering } };
  const what =
    run.intervalStart === null
      ? `of ${run.scheduledAt ?? ''}`
      : `from ${run.intervalStart} to ${run.intervalEnd ?? ''}`;
  return { notYet: `${pipeline} has not succeeded for the time ${what}` };
}

async function checkAge(db: Db, pipeline: string, withinMs: number): Promise<Seen> {
  const last = await findLastSuccess(db, pipeline);
  if (!last) return { notYet: `${pipeline} has never succeeded` };
  if (last.ageMs <= withinMs) return { value: { run: last.id } };
  const age = durationText(Math.round(last.ageMs / 1_000) * 1_000);
  return { notYet: `${pipeline} last succeeded ${age} ago` };
}
