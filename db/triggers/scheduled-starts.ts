import { sql } from 'kysely';
import type { ExpectedStart } from '../../metadata/expected-starts.ts';
import type { PlannedTrigger } from '../../plan/plan.ts';
import { nextFireTime } from '../../triggers/fire-times.ts';
import type { Db } from '../database.ts';
import { newestStart } from '../runs/recent-runs.ts';

/** A worker takes a run within this, or something is wrong. */
const GRACE_MS = 60_000;

interface Row {
  readonly id: number;
  readonly pipelineId: number;
  readonly name: string;
  readonly definition: PlannedTrigger;
  /** Promises up to then are kept, or count for nothing. */
  readonly since: Date;
}

/**
 * The starts that schedules promise: of each that is neither paused nor under way the first fire time since a run of
 * its pipeline began, or its own last one ended (`overlap` may leave out what comes while that runs), and the next
 * one. What it would have promised before its times changed counts for nothing.
 */
export async function listScheduledStarts(tx: Db, now: Date): Promise<ExpectedStart[]> {
  const { rows } = await sql<Row>`
    select t.id, t.pipeline_id as "pipelineId", t.name, t.definition,
      greatest(t.times_since, own.until, newest.began) as since
    from trigger t join pipeline p on p.id = t.pipeline_id
    left join lateral (
      select greatest(scheduled_at, start_date, end_date) as until from pipeline_execution
      where trigger_id = t.id order by id desc limit 1
    ) own on true
    left join lateral (${newestStart(sql.ref('t.pipeline_id'))}) newest on true
    where t.kind = 'schedule' and not t.paused and t.removed_at is null and p.removed_at is null
      and t.deployed_hash is not null
      and not exists (
        select from pipeline_execution e
        where e.trigger_id = t.id and e.state in ('queued', 'running')
      )`.execute(tx);
  return rows.flatMap((row) => startsOf(row, now));
}

function startsOf({ id, pipelineId, name, definition, since }: Row, now: Date): ExpectedStart[] {
  if (definition.kind !== 'schedule') return [];
  const { schedule } = definition;
  const first = nextFireTime(schedule, since);
  const next = first && first < now ? nextFireTime(schedule, now) : undefined;
  const times = [first, next].filter((at) => at !== undefined);
  const graceMs = schedule.jitterMs + GRACE_MS;
  return times.map((at) => ({ pipelineId, by: `trigger ${name}`, triggerId: id, at, graceMs }));
}
