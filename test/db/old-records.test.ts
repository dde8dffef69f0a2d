import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { startPace } from '../../db/maintenance/batches.ts';
import { cleanUp, countOld } from '../../db/maintenance/clean-up.ts';
import { listCutoffs } from '../../db/maintenance/cutoffs.ts';
import { openDb, type Db } from '../../db/database.ts';
import { createLog } from '../../runtime/log.ts';
import { createDatabase } from '../support/servers.ts';
import { addRun, idsOf } from './old-things.ts';

const DAY_MS = 86_400_000;

let db: Db;

beforeAll(async () => {
  db = openDb(await createDatabase(), createLog('test', 'silent'), 3);
  await sql`insert into pipeline_type (name) values ('test')`.execute(db);
});
afterAll(() => db.destroy());

beforeEach(async () => {
  await sql`truncate pipeline, pipeline_execution, notice restart identity cascade`.execute(db);
  // Apples keeps runs for 30 days, pears for 60.
  await sql`
    insert into pipeline (name, pipeline_type_id, keep_runs_s)
    values ('apples', 1, null), ('pears', 1, 60 * 86400)`.execute(db);
});

/** A change of the watermark some days ago; answers its id. */
async function change(pipeline: number, days: number, moved = true): Promise<number> {
  const { rows } = await sql<{ id: number }>`
    insert into watermark_change (pipeline_id, kind, moved, to_value, actor, reason, changed_at)
    values (${pipeline}, 'set', ${moved}, '1', 'ada', '', now() - make_interval(days => ${days}))
    returning id`.execute(db);
  return rows[0]?.id ?? 0;
}

/** A notice with a delivery; null: it is not over. */
async function notice(pipeline: number | null, overSince: number | null, delivery = 'delivered') {
  const { rows } = await sql<{ id: number }>`
    with n as (
      insert into notice (subject, kind, severity, pipeline_id, title, message, details,
        first_raised_at, last_raised_at, recovered_at)
      values (gen_random_uuid()::text, 'freshness', 'warning', ${pipeline}, '', '', '[]',
        now() - interval '99 days', now() - interval '99 days',
        now() - make_interval(days => ${overSince}))
      returning id
    )
    insert into notice_delivery (notice_id, event, channel, state, content)
    select id, 'opened', 'mail', ${delivery}, '{}' from n returning notice_id as id`.execute(db);
  return rows[0]?.id ?? 0;
}

/** Counts first, and shows that the same is removed then. */
async function clean() {
  const keep = await listCutoffs(db, { runsMs: 30 * DAY_MS });
  const counted = await countOld(db, keep);
  const removed = await cleanUp(db, keep, startPace({ most: 2 }));
  expect(removed).toEqual(counted);
  return removed;
}

test('changes of a watermark go with the runs of their pipeline, but for the last move', async () => {
  for (const days of [45, 40]) await change(1, days);
  const lastMove = await change(1, 35);
  const refused = await change(1, 34, false);
  const kept = [await change(2, 45), await change(2, 20)];

  expect(await clean()).toMatchObject({ watermark_changes: 2 });
  expect(await idsOf(db, 'watermark_change')).toEqual([lastMove, refused, ...kept]);
});

test('changes that were made while a run was open that still is stay', async () => {
  await addRun(db, { began: 50, state: 'running' });
  await change(1, 55);
  const made = [await change(1, 45), await change(1, 40)];

  expect(await clean()).toMatchObject({ watermark_changes: 1 });
  expect(await idsOf(db, 'watermark_change')).toEqual(made);
});

test('notices go with the runs of their pipeline once they are over and everybody knows', async () => {
  await notice(1, 31);
  await notice(2, 61);
  const kept = [
    await notice(1, 29),
    await notice(1, null),
    await notice(1, 31, 'pending'),
    await notice(2, 31),
  ];

  expect(await clean()).toMatchObject({ notices: 2 });
  expect(await idsOf(db, 'notice')).toEqual(kept);
  expect(await idsOf(db, 'notice_delivery', 'notice_id')).toEqual(kept);
});

test('a notice about no pipeline is kept as long as the most patient one keeps its runs', async () => {
  await notice(null, 61);
  const kept = await notice(null, 59);

  expect(await clean()).toMatchObject({ notices: 1 });
  expect(await idsOf(db, 'notice')).toEqual([kept]);
});

test('nothing goes where nobody says how long', async () => {
  await sql`update pipeline set keep_runs_s = null`.execute(db);
  for (const days of [4_000, 3_000]) await change(1, days);
  await notice(1, 4_000);
  await notice(null, 4_000);

  const removed = await cleanUp(db, await listCutoffs(db, {}), startPace());
  expect(removed).toMatchObject({ watermark_changes: 0, notices: 0 });
});
