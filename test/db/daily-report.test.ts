import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { listReported, readDailyReport, type DailyRow } from '../../db/daily-report/report.ts';
import { sumDays } from '../../db/daily-report/sums.ts';
import { openDb, type Db } from '../../db/database.ts';
import { createLog } from '../../runtime/log.ts';
import { createDatabase } from '../support/servers.ts';

let db: Db;

beforeAll(async () => {
  db = openDb(await createDatabase(), createLog('test', 'silent'), 3);
  await sql`insert into pipeline_type (name) values ('batch'), ('stream')`.execute(db);
  await sql`insert into pipeline (name, pipeline_type_id)
    values ('apples', 1), ('pears', 1), ('plums', 2)`.execute(db);
});
afterAll(() => db.destroy());

const DAYS = 4;
const Day = fc.integer({ min: 0, max: DAYS + 1 });
const Pick = fc.nat({ max: 50 });
const Count = fc.option(fc.nat({ max: 1000 }));

/** Any of them may come before or after a day was summed up. */
const Change = fc.oneof(
  fc.record({
    does: fc.constant('begin' as const),
    day: Day,
    pipeline: fc.integer({ min: 1, max: 3 }),
  }),
  fc.record({ does: fc.constant('end' as const), pick: Pick, ok: fc.boolean(), rows: Count }),
  fc.record({ does: fc.constant('flag' as const), pick: Pick, flagged: fc.boolean() }),
  fc.record({ does: fc.constant('remove' as const), pick: Pick }),
  fc.record({ does: fc.constant('sum up' as const) }),
);
type Change = typeof Change extends fc.Arbitrary<infer Value> ? Value : never;

test('the report is the sum of the executions, whatever was summed up before they changed', async () => {
  const changes = fc.array(Change, { minLength: 5, maxLength: 25 });
  await fc.assert(
    fc.asyncProperty(changes, async (made) => {
      await sql`delete from pipeline_execution`.execute(db);
      for (const change of made) await apply(change);
      expect(await report()).toEqual(await sumsByHand());
    }),
    { numRuns: 60 },
  );
});

test('today is in the report, with executions that are still open', async () => {
  await sql`delete from pipeline_execution`.execute(db);
  await apply({ does: 'begin', day: 0, pipeline: 1 });
  await sumDays(db);
  expect(await report()).toMatchObject([{ pipeline: 'apples', executions: 1, failed: 0 }]);

  await apply({ does: 'end', pick: 0, ok: false, rows: null });
  expect(await report()).toMatchObject([{ pipeline: 'apples', executions: 1, failed: 1 }]);
});

test('a late end changes the sums of its day, and is summed up again once', async () => {
  await sql`delete from pipeline_execution`.execute(db);
  await apply({ does: 'begin', day: 2, pipeline: 2 });
  await sumDays(db);
  expect((await readDailyReport(db, FILTER)).behind).toBe(false);

  await apply({ does: 'end', pick: 0, ok: true, rows: 7 });
  const late = await readDailyReport(db, FILTER);
  expect(late).toMatchObject({ behind: true, rows: [{ executions: 1, total_rows: 7 }] });

  await sumDays(db);
  expect(await readDailyReport(db, FILTER)).toEqual({ ...late, behind: false });
});

test('an end that is not yet committed while its day is summed up is not lost', async () => {
  await sql`delete from pipeline_execution`.execute(db);
  await apply({ does: 'begin', day: 1, pipeline: 3 });
  await db.transaction().execute(async (tx) => {
    await sql`update pipeline_execution set total_rows = 5`.execute(tx);
    await sumDays(db);
  });
  await sumDays(db);
  expect(await report()).toMatchObject([{ pipeline: 'plums', total_rows: 5 }]);
});

test('pages and filters choose from the same rows', async () => {
  await sql`delete from pipeline_execution`.execute(db);
  for (const day of [0, 1, 2]) {
    for (const pipeline of [1, 2, 3]) await apply({ does: 'begin', day, pipeline });
  }
  const all = await report();
  const second = await readDailyReport(db, { ...FILTER, limit: 4, offset: 4 });
  expect(second).toMatchObject({ total: 9, rows: all.slice(4, 8) });
  expect(await readDailyReport(db, { ...FILTER, offset: 90 })).toMatchObject({
    total: 9,
    rows: [],
  });

  const streams = await readDailyReport(db, { ...FILTER, type: 'stream' });
  expect(streams.rows).toEqual(all.filter(({ pipeline }) => pipeline === 'plums'));
  const pears = await readDailyReport(db, { ...FILTER, pipeline: 'pears' });
  expect(pears.rows).toEqual(all.filter(({ pipeline }) => pipeline === 'pears'));
  expect(await listReported(db, 'type', { days: DAYS })).toEqual(['batch', 'stream']);
  const batches = await listReported(db, 'pipeline', { days: DAYS, type: 'batch' });
  expect(batches).toEqual(['apples', 'pears']);
});

const FILTER = { days: DAYS, limit: 1000, offset: 0 };

async function report(): Promise<readonly DailyRow[]> {
  return (await readDailyReport(db, FILTER)).rows;
}

async function apply(change: Change): Promise<void> {
  if (change.does === 'sum up') await sumDays(db);
  else if (change.does === 'begin') await begin(change.day, change.pipeline);
  else if (change.does === 'remove') {
    await sql`delete from pipeline_execution where id = ${picked(change.pick)}`.execute(db);
  } else if (change.does === 'flag') {
    await sql`update pipeline_execution
      set anomaly_flags = jsonb_build_object('inserts', ${change.flagged}::boolean)
      where id = ${picked(change.pick)}`.execute(db);
  } else {
    await sql`update pipeline_execution
      set state = case when ${change.ok}::boolean then 'succeeded' else 'failed' end,
        completed_successfully = ${change.ok}, end_date = start_date + interval '1 minute',
        duration_seconds = 60, inserts = ${change.rows}, total_rows = ${change.rows}
      where id = ${picked(change.pick)}`.execute(db);
  }
}

async function begin(day: number, pipeline: number): Promise<void> {
  await sql`
    insert into pipeline_execution (pipeline_id, state, workflow_id, trigger_kind, start_date,
      date_recorded)
    select ${pipeline}, 'running', gen_random_uuid(), 'api', d, (d at time zone 'utc')::date
    from (select now() - make_interval(days => ${day}) as d) t`.execute(db);
}

function picked(pick: number) {
  return sql`(select id from pipeline_execution order by id
    offset ${pick}::int % greatest(1, (select count(*)::int from pipeline_execution)) limit 1)`;
}

interface Execution {
  readonly date: string;
  readonly pipeline: string;
  readonly type: string;
  readonly ok: boolean | null;
  readonly flagged: boolean | null;
  readonly rows: number | null;
  readonly seconds: number | null;
}

async function sumsByHand(): Promise<DailyRow[]> {
  const { rows } = await sql<Execution>`
    select e.date_recorded::text as date, p.name as pipeline, t.name as type, e.total_rows as rows,
      e.completed_successfully as ok, e.duration_seconds as seconds,
      (e.anomaly_flags->>'inserts')::boolean as flagged
    from pipeline_execution e join pipeline p on p.id = e.pipeline_id
    join pipeline_type t on t.id = p.pipeline_type_id
    where e.date_recorded >= (now() at time zone 'utc')::date - ${DAYS}::int`.execute(db);
  const keyOf = ({ date, pipeline }: Execution) => `${date} ${pipeline}`;
  const sums = [...new Set(rows.map(keyOf))].map((key) =>
    sumOf(rows.filter((row) => keyOf(row) === key)),
  );
  return sums.sort((a, b) => b.date.localeCompare(a.date) || a.pipeline.localeCompare(b.pipeline));
}

function sumOf(group: readonly Execution[]): DailyRow {
  const [first] = group;
  if (!first) throw new Error('an empty group');
  const total = group.reduce((sum, { rows }) => sum + (rows ?? 0), 0);
  const took = group.reduce((sum, { seconds }) => sum + (seconds ?? 0), 0);
  const failed = group.filter(({ ok }) => ok === false).length;
  return {
    ...{ date: first.date, pipeline: first.pipeline, type: first.type },
    executions: group.length,
    failed,
    anomalous: group.filter(({ flagged }) => flagged === true).length,
    ...{ inserts: total, updates: 0, soft_deletes: 0, total_rows: total },
    duration_seconds: took,
    error_percentage: rounded((failed / group.length) * 100, 2),
    avg_duration_seconds: rounded(took / group.length, 2),
    throughput: took === 0 ? 0 : rounded(total / took, 4),
  };
}

function rounded(value: number, places: number): number {
  return Math.round(value * 10 ** places) / 10 ** places;
}
