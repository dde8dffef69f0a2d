import { sql } from 'kysely';
import { postgresJson } from '../../runtime/json.ts';
import type { Group, Join } from '../../triggers/grouping.ts';
import type { Db } from '../database.ts';
import { PREPARED } from '../prepared.ts';

export interface OpenGroups {
  readonly open: readonly (Group & { readonly id: number })[];
  /** The time of the database, in milliseconds since 1970: by it groups are due. */
  readonly nowMs: number;
}

/** The groups that these events may join, held until the end of the transaction. */
export async function readOpenGroups(tx: Db, joins: readonly Join[]): Promise<OpenGroups> {
  const { rows } = await sql<OpenGroups>`
    ${PREPARED} with open as (
      select g.id, g.trigger_id as "triggerId", g.key, g.open, g.events, g.depth,
        extract(epoch from g.due_at)::float8 * 1000 as "dueMs",
        extract(epoch from g.latest_at)::float8 * 1000 as "latestMs"
      from event_group g
      where g.open and (g.trigger_id, g.key) in (
        select * from unnest(${joins.map(({ triggerId }) => triggerId)}::int[],
          ${joins.map(({ key }) => key)}::text[]))
      order by g.id
      for update of g
    )
    select coalesce((select jsonb_agg(to_jsonb(o)) from open o), '[]') as open,
      extract(epoch from clock_timestamp())::float8 * 1000 as "nowMs"`.execute(tx);
  return rows[0] ?? { open: [], nowMs: Date.now() };
}

/**
 * Writes groups down, those that are there already first: of each trigger and key only one is open. Answers
 * their ids.
 */
export async function saveGroups(tx: Db, groups: readonly Group[]): Promise<number[]> {
  await updateGroups(
    tx,
    groups.filter(({ id }) => id !== null),
  );
  const ids = await insertGroups(
    tx,
    groups.filter(({ id }) => id === null),
  );
  return groups.map(({ id }) => id ?? ids.shift() ?? 0);
}

async function updateGroups(tx: Db, groups: readonly Group[]): Promise<void> {
  if (groups.length === 0) return;
  await sql`
    ${PREPARED} update event_group g set open = r.open, events = r.events, depth = r.depth,
      due_at = to_timestamp(r."dueMs" / 1000)
    from jsonb_to_recordset(${postgresJson(groups)}::jsonb) as r(id bigint, open boolean, events int,
      depth int, "dueMs" float8)
    where g.id = r.id`.execute(tx);
}

/** Ids are given in the order of the rows. */
async function insertGroups(tx: Db, groups: readonly Group[]): Promise<number[]> {
  if (groups.length === 0) return [];
  const { rows } = await sql<{ id: number }>`
    ${PREPARED} insert into event_group (trigger_id, key, open, events, depth, due_at, latest_at)
    select r."triggerId", r.key, r.open, r.events, r.depth, to_timestamp(r."dueMs" / 1000),
      to_timestamp(r."latestMs" / 1000)
    from rows from (jsonb_to_recordset(${postgresJson(groups)}::jsonb)
      as ("triggerId" int, key text, open boolean, events int, depth int, "dueMs" float8,
        "latestMs" float8)) with ordinality
      as r("triggerId", key, open, events, depth, "dueMs", "latestMs", ord)
    order by r.ord
    returning id`.execute(tx);
  return rows.map(({ id }) => id).sort((a, b) => a - b);
}
