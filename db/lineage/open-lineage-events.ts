import { sql } from 'kysely';
import type { RunError } from '../../workflows/activities.ts';
import type { Db } from '../database.ts';

/** The channel on which an event that waits to be sent is announced. */
export const OPEN_LINEAGE_CHANNEL = 'highwater_open_lineage';

export type EventType = 'START' | 'COMPLETE' | 'FAIL' | 'ABORT';

/** A change of a run that this process alone tells of until its lease ends. */
export interface ClaimedEvent {
  readonly id: number;
  readonly type: EventType;
  readonly occurredAt: Date;
  /** This attempt's number, from 1. */
  readonly attempt: number;
  readonly execution: number;
  readonly plan: string | null;
  readonly run: RunIdentity;
  readonly parent: RunIdentity | null;
  readonly root: RunIdentity | null;
  readonly description: string;
  readonly totalRows: number | null;
  readonly error: RunError | null;
}

/** A run by the name of its pipeline and the UUID that Temporal gave it. */
export interface RunIdentity {
  readonly pipeline: string;
  readonly id: string;
}

/** From now on, changes of runs wait to be told of, or do not. */
export async function setEmitting(db: Db, emits: boolean): Promise<void> {
  await db.updateTable('open_lineage').set({ emits }).where('emits', '<>', emits).execute();
}

/**
 * Takes the events that have been due for longest, of each run the first only, so that they arrive in
 * their order. They are due again after `leaseMs`, should this process die.
 */
export async function claimEvents(db: Db, limit: number, leaseMs: number): Promise<ClaimedEvent[]> {
  const { rows } = await sql<ClaimedEvent>`
    with due as (
      select o.id from open_lineage_event o
      where o.refused_at is null and o.next_attempt_at <= clock_timestamp()
        and not exists (select from open_lineage_event e
          where e.execution_id = o.execution_id and e.id < o.id and e.refused_at is null)
      order by o.next_attempt_at
      limit ${limit}
      for update skip locked
    ), claimed as (
      update open_lineage_event o set
        attempts = o.attempts + 1,
        next_attempt_at = clock_timestamp() + ${leaseMs}::float8 * interval '1 millisecond'
      from due where o.id = due.id
      returning o.*
    )
    select c.id, c.event_type as type, c.occurred_at as "occurredAt", c.attempts as attempt,
      e.id as execution, e.version_hash as plan, e.total_rows as "totalRows", e.error,
      p.description, jsonb_build_object('pipeline', p.name, 'id', e.temporal_run_id) as run,
      ${identityOf('parent')} as parent, ${identityOf('root')} as root
    from claimed c
    join pipeline_execution e on e.id = c.execution_id
    join pipeline p on p.id = e.pipeline_id
    left join pipeline_execution parent on parent.id = e.parent_id
    left join pipeline parent_pipeline on parent_pipeline.id = parent.pipeline_id
    left join lateral (
      select a.* from pipeline_execution_closure t
      join pipeline_execution a on a.id = t.parent_execution_id
      where t.child_execution_id = e.id and e.parent_id is not null
      order by t.depth desc limit 1
    ) root on true
    left join pipeline root_pipeline on root_pipeline.id = root.pipeline_id
    order by c.id`.execute(db);
  return rows.map((row) => ({ ...row, occurredAt: new Date(row.occurredAt) }));
}

function identityOf(run: 'parent' | 'root') {
  const [id, name] = [sql.ref(`${run}.temporal_run_id`), sql.ref(`${run}_pipeline.name`)];
  return sql`case when ${id} is not null then jsonb_build_object('pipeline', ${name}, 'id', ${id}) end`;
}

export async function removeEvent(db: Db, { id }: ClaimedEvent): Promise<void> {
  await db.deleteFrom('open_lineage_event').where('id', '=', id).execute();
}

/** To be tried again; or, with null, never again. */
export async function postponeEvent(
  db: Db,
  { id }: ClaimedEvent,
  error: string,
  pauseMs: number | null,
): Promise<void> {
  const next =
    pauseMs === null
      ? { refused_at: sql<Date>`clock_timestamp()` }
      : {
          next_attempt_at: sql<Date>`clock_timestamp()
            + ${pauseMs}::float8 * interval '1 millisecond'`,
        };
  await db
    .updateTable('open_lineage_event')
    .set({ ...next, last_error: error })
    .where('id', '=', id)
    .execute();
}

/** Milliseconds until an event becomes due; null when none waits for its time. */
export async function untilNextEvent(db: Db): Promise<number | null> {
  const { rows } = await sql<{ ms: number | null }>`
    select (extract(epoch from min(next_attempt_at) - clock_timestamp()) * 1000)::float8 as ms
    from open_lineage_event
    where refused_at is null and next_attempt_at > clock_timestamp()`.execute(db);
  return rows[0]?.ms ?? null;
}

export interface StoredColumn {
  readonly name: string;
  readonly type: string;
}

/** By block: the columns of what it left behind in this run. */
export async function listSchemas(db: Db, execution: number): Promise<Map<string, StoredColumn[]>> {
  const rows = await db
    .selectFrom('artifact')
    .select(['block', 'schema'])
    .where('execution_id', '=', execution)
    .orderBy('attempt')
    .execute();
  return new Map(rows.map(({ block, schema }) => [block, schema as unknown as StoredColumn[]]));
}
