import { sql, type RawBuilder } from 'kysely';
import { postgresJson } from '../../runtime/json.ts';
import type { Db } from '../database.ts';
import { EVENT_CHANNEL } from './store-events.ts';

/**
 * Whether some trigger waits for what happens in Highwater itself. It is a column of a statement that is
 * there anyway, and costs one look into an index that is mostly empty.
 */
export const IS_HEARD = sql<boolean>`
  exists (select from trigger where hears_highwater and removed_at is null)`;

/** Rows that the blocks of a run have written to tables. */
export interface Written {
  readonly block: string;
  readonly rows: number;
}

/**
 * Tells of the end of runs, in the transaction that ends them: `highwater.run.finished`. A run that ends
 * again, as reported ones may, is told of once.
 */
export async function tellEnds(tx: Db, runs: readonly number[]): Promise<void> {
  if (runs.length === 0) return;
  await tell(
    tx,
    sql`
      select 'highwater/pipelines/' || p.name as source, 'run-' || e.id || '-finished' as event_id,
        'highwater.run.finished' as type, p.name as subject, ${depthOf(sql`e.id`)} as depth,
        jsonb_build_object('run', e.id, 'pipeline', p.name, 'state', e.state,
          'trigger', e.trigger_kind, 'parent', e.parent_id, 'params', e.params,
          'started_at', ${timeText(sql`e.start_date`)}, 'finished_at', ${timeText(sql`e.end_date`)},
          'scheduled_at', ${timeText(sql`e.scheduled_at`)},
          'interval_start', ${timeText(sql`e.interval_start`)},
          'interval_end', ${timeText(sql`e.interval_end`)}, 'total_rows', e.total_rows) as data
      from pipeline_execution e join pipeline p on p.id = e.pipeline_id
      where e.id = any(${runs}::bigint[])`,
  );
}

/** Tells of the tables that a run has written, in the transaction that ends it: `highwater.table.written`. */
export async function tellWritten(tx: Db, run: number, written: readonly Written[]): Promise<void> {
  const some = written.filter(({ rows }) => rows > 0);
  if (some.length === 0) return;
  await tell(
    tx,
    sql`
      select 'highwater/pipelines/' || p.name as source,
        'run-' || e.id || '-wrote-' || w.block as event_id, 'highwater.table.written' as type,
        b->'work'->>'table' as subject, ${depthOf(sql`e.id`)} as depth,
        jsonb_build_object('connection', b->'work'->>'connection', 'table', b->'work'->>'table',
          'rows', w.rows, 'mode', b->'work'->>'mode', 'run', e.id, 'pipeline', p.name,
          'block', w.block) as data
      from jsonb_to_recordset(${postgresJson(some)}::jsonb) as w(block text, rows bigint)
      join pipeline_execution e on e.id = ${run}
      join pipeline p on p.id = e.pipeline_id
      join pipeline_version v on v.hash = e.version_hash
      join lateral jsonb_array_elements(v.plan->'blocks') b
        on b->>'name' = w.block and b->'work'->>'type' = 'write_table'`,
  );
}

/** How the data of a pipeline stand now, and stood before. */
export interface FreshnessChange {
  readonly pipelineId: number;
  readonly state: string;
  readonly reason: string;
  readonly since: Date;
  readonly before: string | null;
  /** The run that made it so. */
  readonly executionId: number | null;
}

/** Tells of it, if anybody wants to know, in the transaction that writes it down: `highwater.freshness.changed`. */
export async function tellFreshness(tx: Db, changes: readonly FreshnessChange[]): Promise<void> {
  if (changes.length === 0) return;
  await tell(
    tx,
    sql`
      select 'highwater/pipelines/' || p.name as source, 'freshness-' || gen_random_uuid() as event_id,
        'highwater.freshness.changed' as type, p.name as subject,
        ${depthOf(sql`c."executionId"`)} as depth,
        jsonb_build_object('pipeline', p.name, 'state', c.state, 'before', c.before,
          'reason', c.reason, 'since', ${timeText(sql`c.since`)}, 'run', c."executionId") as data
      from jsonb_to_recordset(${postgresJson(changes)}::jsonb) as c("pipelineId" int, state text,
        reason text, since timestamptz, before text, "executionId" bigint)
      join pipeline p on p.id = c."pipelineId"
      where ${IS_HEARD}`,
  );
}

/** Stores what a query says as CloudEvents, and announces them. */
async function tell(tx: Db, events: RawBuilder<unknown>): Promise<void> {
  await sql`
    with told as (
      insert into event (source, event_id, type, depth, body)
      select source, event_id, type, depth, jsonb_build_object('specversion', '1.0', 'id', event_id,
        'source', source, 'type', type, 'subject', subject,
        'time', ${timeText(sql`clock_timestamp()`)}, 'datacontenttype', 'application/json',
        'data', data)
      from (${events}) e
      on conflict (source, event_id) do nothing
      returning id
    )
    select pg_notify(${EVENT_CHANNEL}, '') from told limit 1`.execute(tx);
}

/** One more than that of the events which started the run, or a run above it; 0: no event did. */
function depthOf(run: RawBuilder<unknown>): RawBuilder<number> {
  return sql<number>`coalesce((
    select max(g.depth) + 1 from pipeline_execution_closure above
    join pipeline_execution a on a.id = above.parent_execution_id and a.trigger_kind = 'event'
    join event_group g on g.id = split_part(a.idempotency_key, ':', 3)::bigint
    where above.child_execution_id = ${run}), 0)`;
}

function timeText(time: RawBuilder<unknown>): RawBuilder<string> {
  return sql<string>`to_char(${time} at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
}
