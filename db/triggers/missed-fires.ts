import { sql } from 'kysely';
import type { Db } from '../database.ts';

/** A fire time of a schedule. */
export interface Fire {
  readonly id: number;
  readonly at: Date;
}

/** How many of a trigger's newest runs are looked at. */
const NEWEST = 100;

/**
 * By trigger, the newest of the fire times for which no run is here: neither its own, nor one that ran or
 * waited then. None that was made up for, nor one before it.
 */
export async function listUnseen(db: Db, fires: readonly Fire[]): Promise<Fire[]> {
  if (fires.length === 0) return [];
  const { rows } = await sql<Fire>`
    select f.id, max(f.at) as at from jsonb_to_recordset(${JSON.stringify(fires)}::jsonb) as f(id int, at timestamptz)
    join trigger t on t.id = f.id
    where (t.caught_up_to is null or t.caught_up_to < f.at)
      and not exists (
        select from (
          select scheduled_at, start_date, end_date from pipeline_execution
          where trigger_id = f.id order by id desc limit ${NEWEST}
        ) e
        where e.scheduled_at = f.at
          or (least(e.scheduled_at, e.start_date) <= f.at and (e.end_date is null or e.end_date > f.at))
      )
    group by f.id`.execute(db);
  return rows;
}

/** Takes a fire time to make up for it. False: somebody has done so, or for a later one. */
export async function takeFire(tx: Db, { id, at }: Fire): Promise<boolean> {
  const { numAffectedRows } = await sql`
    update trigger set caught_up_to = ${at}
    where id = ${id} and not paused and removed_at is null
      and (caught_up_to is null or caught_up_to < ${at})`.execute(tx);
  return numAffectedRows === 1n;
}
