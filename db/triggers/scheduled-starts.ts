import { sql } from 'kysely';
import type { ExpectedStart } from '../../metadata/expected-starts.ts';
import type { PlannedTrigger } from '../../plan/plan.ts';
import { firesAround } from '../../triggers/data-interval.ts';
import type { Db } from '../database.ts';

/** A worker takes a run within this, or something is wrong. */
const GRACE_MS = 60_000;

interface Row {
  readonly pipelineId: number;
  readonly name: string;
  readonly definition: PlannedTrigger;
  readonly updatedAt: Date;
}

/**
 * The starts that schedules promise: the last and the next fire time of each that is neither paused nor under way. What
 * it would have promised before its definition changed counts for nothing.
 */
export async function listScheduledStarts(tx: Db, now: Date): Promise<ExpectedStart[]> {
  const { rows } = await sql<Row>`
    select t.pipeline_id as "pipelineId", t.name, t.definition, t.updated_at as "updatedAt"
    from trigger t join pipeline p on p.id = t.pipeline_id
    where t.kind = 'schedule' and not t.paused and t.removed_at is null and p.removed_at is null
      and t.deployed_hash is not null
      and not exists (
        select from pipeline_execution e
        where e.trigger_id = t.id and e.state in ('queued', 'running')
      )`.execute(tx);
  return rows.flatMap((row) => startsOf(row, now));
}

function startsOf({ pipelineId, name, definition, updatedAt }: Row, now: Date): ExpectedStart[] {
  if (definition.kind !== 'schedule') return [];
  const { schedule } = definition;
  const { last, next } = firesAround(schedule, now, updatedAt);
  const times = [last, next].filter((at) => at !== undefined);
  const graceMs = schedule.jitterMs + GRACE_MS;
  return times.map((at) => ({ pipelineId, by: `trigger ${name}`, at, graceMs }));
}
