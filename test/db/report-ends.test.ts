import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openDb, type Db } from '../../db/database.ts';
import { reportEnds, type ReportedEnd } from '../../db/reports/report-end.ts';
import { reportStarts } from '../../db/reports/report-start.ts';
import { offerNextWatermark } from '../../db/reports/reported-watermark.ts';
import { createLog } from '../../runtime/log.ts';
import { createDatabase } from '../support/servers.ts';
import { until } from '../support/until.ts';
import { openLedger, type Ledger } from './watermark-book.ts';

let db: Db;

beforeAll(async () => {
  db = openDb(await createDatabase(), createLog('test', 'silent'), 3);
});
afterAll(() => db.destroy());

const BEFORE = '2020-01-01T00:00:00Z';
const BEGAN = '2020-01-02T00:00:00Z';
const ENDED = '2020-01-03T00:00:00Z';

async function begin({ pipelineId }: Ledger, nextWatermark: string | null = null): Promise<number> {
  const start = { pipelineId, parentId: null, startDate: BEGAN, watermark: null, nextWatermark };
  const [answer] = await reportStarts(db, [start]);
  if (!answer || !('id' in answer)) throw new Error('It was not taken');
  return answer.id;
}

function endOf(
  id: number,
  endDate = ENDED,
  state: ReportedEnd['state'] = 'succeeded',
): ReportedEnd {
  return { id, endDate, state, sent: { inserts: 7 } };
}

/** What is on record of these executions. */
async function recorded(ids: readonly number[]) {
  const { rows } = await sql<{ told: string }>`
    select concat_ws(' ', state, inserts) as told from pipeline_execution
    where id = any(${ids}::bigint[]) order by id`.execute(db);
  return rows.map(({ told }) => told);
}

test('ends that come together are each answered and written as if they came alone', async () => {
  const [plain, marked, failing] = [
    await openLedger(db),
    await openLedger(db),
    await openLedger(db),
  ];
  await reportEnds(db, [endOf(await begin(failing), ENDED, 'failed')]);
  const ours = await plain.open();
  const [quiet, early] = [await begin(plain), await begin(plain)];
  const [moves, recovers] = [await begin(marked, '2020-01-02'), await begin(failing)];
  const unknown = 999_999;

  const ends = [quiet, unknown, moves, ours.id, recovers].map((id) => endOf(id));
  const answers = await reportEnds(db, [...ends, endOf(early, BEFORE)]);
  expect(answers).toEqual(['ended', 'unknown', 'ended', 'ours', 'ended', 'too_early']);
  expect(await recorded([ours.id, quiet, early, moves, recovers])).toEqual([
    'running',
    'succeeded 7',
    'running',
    'succeeded 7',
    'succeeded 7',
  ]);
  expect(await marked.watermark()).toBe('2020-01-02');
  const raised = await sql<{ recovered: boolean }>`
    select recovered from raised_notice where pipeline_id = ${failing.pipelineId} order by id`.execute(
    db,
  );
  expect(raised.rows.map(({ recovered }) => recovered)).toEqual([false, true]);
});

test('an execution that was cancelled leaves the watermark and what was written last', async () => {
  const ledger = await openLedger(db);
  await ledger.set('2020-01-01');
  const id = await begin(ledger, '2020-01-02');
  expect(await reportEnds(db, [endOf(id, ENDED, 'cancelled')])).toEqual(['ended']);
  expect(await recorded([id])).toEqual(['cancelled 7']);
  expect(await ledger.watermark()).toBe('2020-01-01');
  const pipeline = await sql`
    select last_target_insert from pipeline where id = ${ledger.pipelineId}`.execute(db);
  expect(pipeline.rows).toEqual([{ last_target_insert: null }]);
});

test('a watermark that is named just while its execution ends is not missed', async () => {
  for (const failed of [[], [endOf(await begin(await openLedger(db)), ENDED, 'failed')]]) {
    const ledger = await openLedger(db);
    const id = await begin(ledger);
    const ending = await db.transaction().execute(async (tx) => {
      await offerNextWatermark(tx, ledger.pipelineId, '2020-01-02');
      const answers = reportEnds(db, [endOf(id), ...failed]);
      await until(isWaiting);
      return { answers };
    });
    expect(new Set(await ending.answers)).toEqual(new Set(['ended']));
    expect(await ledger.watermark()).toBe('2020-01-02');
  }
});

/** Whether somebody waits for a lock in this database. */
async function isWaiting(): Promise<boolean> {
  const { rows } = await sql`
    select from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock'`.execute(db);
  return rows.length > 0;
}
