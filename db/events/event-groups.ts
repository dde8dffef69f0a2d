import { sql } from 'kysely';
import { postgresJson } from '../../runtime/json.ts';
import type { Group, Join } from '../../triggers/grouping.ts';
import type { Db } from '../database.ts';

/** The groups that these events may join, held until the end of the transaction. */
export async function listOpenGroups(
  tx: Db,
  joins: readonly Join[],
): Promise<(Group & { readonly id: number })[]> {
  if (joins.length === 0) return [];
  const { rows } = await sql<Group & { readonly id: number }>`
    select g.id, g.trigger_id as "triggerId", g.key, g.open, g.events, g.depth,
      extract(epoch from g.due_at)::float8 * 1000 as "dueMs",
      extract(epoch from g.latest_at)::float8 * 1000 as "latestMs"
    from event_group g
    where g.open and (g.trigger_id, g.key) in (
      select * from unnest(${joins.map(({ triggerId }) => triggerId)}::int[],
        ${joins.map(({ key }) => key)}::text[]))
    order by g.id
    for update of g`.execute(tx);
  return rows;
}

/** The time of the database, in milliseconds since 1970: by it groups are due. */
export async function clockMs(tx: Db): Promise<number> {
  const { rows } = await sql<{ ms: number }>`
    select extract(epoch from clock_timestamp())::float8 * 1000 as ms`.execute(tx);
  return rows[0]?.ms ?? Date.now();
}

export async function newGroupIds(tx: Db, count: number): Promise<number[]> {
  if (count === 0) return [];
  const { rows } = await sql<{ id: number }>`
    select nextval(pg_get_serial_sequence('event_group', 'id')) as id
    from generate_series(1, ${count}::int)`.execute(tx);
  return rows.map(({ id }) => id);
}

/** Writes groups down, those that are there already first: of each trigger and key only one is open. */
export async function saveGroups(
  tx: Db,
  groups: readonly Group[],
  known: ReadonlySet<number>,
): Promise<void> {
  const isKnown = ({ id }: Group) => id !== null && known.has(id);
  await updateGroups(tx, groups.filter(isKnown));
  await insertGroups(
    tx,
    groups.filter((group) => !isKnown(group)),
  );
}

const recordset = (groups: readonly Group[]) => sql`
  jsonb_to_recordset(${postgresJson(groups)}::jsonb) as r(id bigint, "triggerId" int, key text,
    open boolean, events int, depth int, "dueMs" float8, "latestMs" float8)`;

async function updateGroups(tx: Db, groups: readonly Group[]): Promise<void> {
  if (groups.length === 0) return;
  await sql`
    update event_group g set open = r.open, events = r.events, depth = r.depth,
      due_at = to_timestamp(r."dueMs" / 1000)
    from ${recordset(groups)} where g.id = r.id`.execute(tx);
}

async function insertGroups(tx: Db, groups: readonly Group[]): Promise<void> {
  if (groups.length === 0) return;
  await sql`
    insert into event_group (id, trigger_id, key, open, events, depth, due_at, latest_at)
    overriding system value
    select r.id, r."triggerId", r.key, r.open, r.events, r.depth, to_timestamp(r."dueMs" / 1000),
      to_timestamp(r."latestMs" / 1000)
    from ${recordset(groups)}`.execute(tx);
}
