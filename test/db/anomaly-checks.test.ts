import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openDb, type Db } from '../../db/database.ts';
import { unflagRun } from '../../db/anomalies/unflag-run.ts';
import { createLog } from '../../runtime/log.ts';
import {
  addPipeline,
  addRule,
  addRuns,
  checkAll,
  flagsOf,
  queueAll,
  raisedAbout,
  resultsOf,
  type History,
} from '../support/anomaly-world.ts';
import { createDatabase } from '../support/servers.ts';

let db: Db;

beforeAll(async () => {
  db = openDb(await createDatabase(), createLog('test', 'silent'), 4);
});
afterAll(() => db.destroy());

/** Runs of the last days at nine, whose rows are 100 and 102 in turn. */
function steady(pipelineId: number, days: number): History[] {
  return Array.from({ length: days }, (_, at) => ({
    ...{ pipelineId, daysAgo: days - at, hour: 9, rows: 100 + 2 * (at % 2) },
  }));
}

async function checkRuns(pipelineId: number, runs: readonly History[]): Promise<number[]> {
  const ids = await addRuns(db, runs);
  await queueAll(db, pipelineId, ids);
  await checkAll(db);
  return ids;
}

const oddRun = (pipelineId: number): History => ({ pipelineId, daysAgo: 0, hour: 9, rows: 5_000 });
const cleanRun = (pipelineId: number): History => ({ pipelineId, daysAgo: 0, hour: 9, rows: 101 });

test('an odd run is flagged, with what it was compared with', async () => {
  const pipelineId = await addPipeline(db, 'odd');
  const rule = await addRule(db, pipelineId);
  await addRuns(db, steady(pipelineId, 20));
  const [id = NaN] = await checkRuns(pipelineId, [oddRun(pipelineId)]);

  expect(await flagsOf(db, id)).toEqual({ total_rows: true });
  const [result] = await resultsOf(db, [id]);
  const deviation = Math.sqrt(20 / 19);
  expect(result).toMatchObject({
    ...{ rule_id: rule, violation_value: 5_000, historical_mean: 101, z_threshold: 3 },
    context: { lookback_days: 30, minimum_executions: 5, execution_count: 20 },
  });
  expect(result?.std_deviation_value).toBeCloseTo(deviation, 9);
  expect(result?.threshold_min_value).toBeCloseTo(101 - 3 * deviation, 9);
  expect(result?.threshold_max_value).toBeCloseTo(101 + 3 * deviation, 9);
  expect(result?.z_score).toBeCloseTo(4_899 / deviation, 6);
});

test('neither failed runs, nor flagged ones, nor old ones, nor other hours say what is normal', async () => {
  const pipelineId = await addPipeline(db, 'others');
  await addRule(db, pipelineId, { lookback_days: 25 });
  const wild: History = { pipelineId, daysAgo: 3, hour: 9, rows: 90_000 };
  await addRuns(db, [
    ...steady(pipelineId, 10),
    ...[
      { ...wild, succeeded: false },
      { ...wild, flags: { total_rows: true } },
      { ...wild, daysAgo: 26 },
      { ...wild, hour: 10 },
      { ...wild, rows: null },
    ],
  ]);
  const [id = NaN] = await checkRuns(pipelineId, [oddRun(pipelineId)]);
  expect((await resultsOf(db, [id]))[0]?.context).toMatchObject({ execution_count: 10 });
});

test('a failed run is never examined', async () => {
  const pipelineId = await addPipeline(db, 'failed');
  await addRule(db, pipelineId);
  await addRuns(db, steady(pipelineId, 20));
  const [id = NaN] = await checkRuns(pipelineId, [{ ...oddRun(pipelineId), succeeded: false }]);
  expect(await flagsOf(db, id)).toBeNull();
});

test.each([
  ['is switched off', { active: false }],
  ['has lost its file', { removed_at: new Date(Date.now() + 60_000) }],
])('a run of a pipeline that %s is not examined', async (name, columns) => {
  const pipelineId = await addPipeline(db, name);
  await addRule(db, pipelineId);
  await addRuns(db, steady(pipelineId, 20));
  await db.updateTable('pipeline').set(columns).where('id', '=', pipelineId).execute();
  const [id = NaN] = await checkRuns(pipelineId, [oddRun(pipelineId)]);
  expect(await flagsOf(db, id)).toBeNull();
  expect(await raisedAbout(db, id)).toEqual([]);
});

test('nothing is queued for a pipeline without an active rule', async () => {
  const pipelineId = await addPipeline(db, 'ruleless');
  await addRule(db, pipelineId, { active: false });
  await queueAll(db, pipelineId, await addRuns(db, [oddRun(pipelineId)]));
  expect(await checkAll(db)).toBe(0);
});

test('a value that is usual at this hour can be odd at this hour of the week', async () => {
  const [daily, weekly] = [await addPipeline(db, 'daily'), await addPipeline(db, 'weekly')];
  await addRule(db, daily, { baseline: 'hour', lookback_days: 100 });
  await addRule(db, weekly, { baseline: 'hour_of_week', lookback_days: 100 });
  const odd = [];
  for (const pipelineId of [daily, weekly]) {
    const busyOnce = steady(pipelineId, 98).map((run) =>
      run.daysAgo % 7 === 3 ? { ...run, rows: 9_000 + run.daysAgo } : run,
    );
    await addRuns(db, busyOnce);
    const [id = NaN] = await checkRuns(pipelineId, [{ ...cleanRun(pipelineId), rows: 9_000 }]);
    odd.push(await flagsOf(db, id));
  }
  expect(odd).toEqual([null, { total_rows: true }]);
});

test('the same check again changes nothing, and tells nobody again', async () => {
  const pipelineId = await addPipeline(db, 'again');
  await addRule(db, pipelineId);
  await addRuns(db, steady(pipelineId, 20));
  const [id = NaN] = await checkRuns(pipelineId, [oddRun(pipelineId)]);
  const before = await resultsOf(db, [id]);
  await queueAll(db, pipelineId, [id]);
  expect(await checkAll(db)).toBe(1);
  expect(await resultsOf(db, [id])).toEqual(before);
  expect(await raisedAbout(db, id)).toEqual([false]);
});

test('a run that is reported again with usual values is no longer odd', async () => {
  const pipelineId = await addPipeline(db, 'corrected');
  await addRule(db, pipelineId);
  await addRuns(db, steady(pipelineId, 20));
  const [id = NaN] = await checkRuns(pipelineId, [oddRun(pipelineId)]);
  await sql`update pipeline_execution set total_rows = 101 where id = ${id}`.execute(db);
  await queueAll(db, pipelineId, [id]);
  await checkAll(db);
  expect(await flagsOf(db, id)).toBeNull();
  expect(await resultsOf(db, [id])).toEqual([]);
  expect(await raisedAbout(db, id)).toEqual([false, true]);
});

test('a run that was unflagged stays so, and counts from then on', async () => {
  const pipelineId = await addPipeline(db, 'unflagged');
  await addRule(db, pipelineId);
  await addRuns(db, steady(pipelineId, 20));
  const [id = NaN] = await checkRuns(pipelineId, [oddRun(pipelineId)]);
  const unflag = () => unflagRun(db, { executionId: id, metrics: ['total_rows', 'inserts'] });
  const flags = { total_rows: false };
  expect(await unflag()).toEqual({ outcome: 'unflagged', flags });
  expect(await unflag()).toEqual({ outcome: 'not_flagged', flags });
  expect(await flagsOf(db, id)).toEqual(flags);
  expect(await resultsOf(db, [id])).toEqual([]);
  expect(await raisedAbout(db, id)).toEqual([false, true]);

  await queueAll(db, pipelineId, [id]);
  await checkAll(db);
  expect(await flagsOf(db, id)).toEqual(flags);

  const next = { ...oddRun(pipelineId), rows: 900_000 };
  const [later = NaN] = await checkRuns(pipelineId, [next]);
  expect((await resultsOf(db, [later]))[0]?.context).toMatchObject({ execution_count: 21 });
});

test('unflagging says what there is nothing to take back of', async () => {
  const [pipelineId, other] = [await addPipeline(db, 'plain'), await addPipeline(db, 'other')];
  const [executionId = NaN] = await addRuns(db, [cleanRun(pipelineId)]);
  const unflag = async (asked: { executionId: number; pipelineId?: number }) =>
    (await unflagRun(db, { ...asked, metrics: ['inserts'] })).outcome;
  expect(await unflag({ executionId })).toBe('never_flagged');
  expect(await unflag({ executionId: 987_654_321 })).toBe('unknown_run');
  expect(await unflag({ executionId, pipelineId: other })).toBe('unknown_run');
});

test('the odd runs of one check are told of each, in the order in which they ended', async () => {
  const pipelineId = await addPipeline(db, 'many');
  await addRule(db, pipelineId);
  await addRuns(db, steady(pipelineId, 20));
  const odd = await checkRuns(pipelineId, [oddRun(pipelineId), oddRun(pipelineId)]);
  const rows = await db
    .selectFrom('raised_notice')
    .select('execution_id')
    .where('pipeline_id', '=', pipelineId)
    .orderBy('id')
    .execute();
  expect(rows.map(({ execution_id }) => execution_id)).toEqual(odd);
});

test('the next run within range recovers it, once', async () => {
  const pipelineId = await addPipeline(db, 'recovering');
  await addRule(db, pipelineId);
  await addRule(db, pipelineId, { metric_field: 'duration_seconds' });
  await addRuns(db, steady(pipelineId, 20));
  const [odd = NaN] = await checkRuns(pipelineId, [oddRun(pipelineId)]);
  expect(await raisedAbout(db, odd)).toEqual([false]);

  await checkRuns(pipelineId, [{ ...cleanRun(pipelineId), succeeded: false }]);
  expect(await raisedAbout(db, odd)).toEqual([false]);

  const [clean] = await checkRuns(pipelineId, [cleanRun(pipelineId), cleanRun(pipelineId)]);
  expect((await resultsOf(db, [odd]))[0]).toMatchObject({ recovered_by: (clean ?? NaN) + 1 });
  await checkRuns(pipelineId, [cleanRun(pipelineId)]);
  expect(await raisedAbout(db, odd)).toEqual([false, true]);
  expect(await flagsOf(db, odd)).toEqual({ total_rows: true });
});

test('a run with two odd metrics has recovered when both have', async () => {
  const pipelineId = await addPipeline(db, 'both');
  await addRule(db, pipelineId);
  await addRule(db, pipelineId, { metric_field: 'inserts' });
  await addRuns(db, steady(pipelineId, 20));
  await sql`update pipeline_execution set inserts = total_rows where pipeline_id = ${pipelineId}`.execute(
    db,
  );
  const end = async (rows: number, inserts: number) => {
    const [id = NaN] = await addRuns(db, [{ ...cleanRun(pipelineId), rows }]);
    await sql`update pipeline_execution set inserts = ${inserts} where id = ${id}`.execute(db);
    await queueAll(db, pipelineId, [id]);
    await checkAll(db);
    return id;
  };
  const odd = await end(5_000, 5_000);
  expect(await flagsOf(db, odd)).toEqual({ total_rows: true, inserts: true });
  const half = await end(101, 5_000);
  expect(await raisedAbout(db, odd)).toEqual([false]);
  await end(101, 101);
  expect(await raisedAbout(db, odd)).toEqual([false, true]);
  expect(await raisedAbout(db, half)).toEqual([false, true]);
});
