import { Client, Connection } from '@temporalio/client';
import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { NoticePage } from '../../api/contract/notice.ts';
import { openDb, type Db } from '../../db/database.ts';
import { LONGEST_SLEEP_MS, wakeWatch } from '../../db/standings/watch.ts';
import { createLog } from '../../runtime/log.ts';
import { WAKE_SIGNAL, watchId } from '../../workflows/watch.ts';
import {
  createSurroundings,
  startApi,
  startWorker,
  type Surroundings,
  type TestProcess,
} from '../support/processes.ts';
import { createProject, typescript } from '../support/project.ts';
import { until } from '../support/until.ts';

const HOUR_MS = 3_600_000;
/** Long before the watch would look by itself, and long enough for a busy machine. */
const SOON_MS = LONGEST_SLEEP_MS / 2;
/** In events. */
const LONG_HISTORY = 500;

let around: Surroundings;
let api: TestProcess & { readonly url: string };
let worker: TestProcess;
let db: Db;
let connection: Connection;
let temporal: Client;

beforeAll(async () => {
  around = await createSurroundings(
    await createProject({
      'pipelines/own.yaml':
        'timeliness: { number: 1, datepart: hour }\nblocks:\n  nap: { kind: custom, file: nap.ts }\n',
      'blocks/nap.ts': typescript('await sleep(600_000, undefined, { signal });'),
    }),
  );
  [api, worker] = await Promise.all([startApi(around), startWorker(around)]);
  db = openDb(around.databaseUrl, createLog('test', 'silent'), 2);
  connection = await Connection.connect({ address: around.temporal });
  temporal = new Client({ connection });
});
afterAll(async () => {
  await Promise.all([worker.stop(), api.stop()]);
  await Promise.all([db.destroy(), connection.close()]);
  await rm(around.home, { recursive: true });
});

async function post<Answer>(path: string, body: object): Promise<Answer> {
  const response = await fetch(api.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  expect(response.status).toBeLessThan(300);
  const text = await response.text();
  return (text === '' ? {} : JSON.parse(text)) as Answer;
}

async function addPipeline(name: string, aspect: 'freshness' | 'timeliness'): Promise<number> {
  const settings = { [`${aspect}_number`]: 1, [`${aspect}_datepart`]: 'hour' };
  const { id } = await post<{ id: number }>('/pipeline', {
    ...{ name, pipeline_type_name: 'reported', ...settings },
  });
  return id;
}

/** Reports a run whose deadline comes in so many milliseconds, with a threshold of an hour. */
async function begin(pipeline: number, deadlineInMs: number): Promise<number> {
  const start_date = new Date(Date.now() - HOUR_MS + deadlineInMs).toISOString();
  const start = { pipeline_id: pipeline, start_date };
  return (await post<{ id: number }>('/start_pipeline_execution', start)).id;
}

async function end(id: number, end_date: Date, inserts = 0): Promise<void> {
  const ended = { id, end_date: end_date.toISOString(), completed_successfully: true };
  await post('/end_pipeline_execution', { ...ended, inserts });
}

/** The standing of a pipeline once it is this one. */
async function untilStands(pipeline: number, state: string, reason: string) {
  return until(async () => {
    const row = await db
      .selectFrom('pipeline_standing')
      .select(['since', 'recorded_at'])
      .where('pipeline_id', '=', pipeline)
      .where('state', '=', state)
      .where('reason', '=', reason)
      .where('until', 'is', null)
      .executeTakeFirst();
    return row;
  });
}

async function untilWatched(): Promise<string> {
  return until(async () => {
    const handle = temporal.workflow.getHandle(watchId(around.taskQueue));
    const { status, runId } = await handle.describe().catch(() => ({ status: null, runId: '' }));
    return status?.name === 'RUNNING' ? runId : undefined;
  });
}

test('an open run is late at its deadline, not at the next minute, and over when it ends', async () => {
  const pipeline = await addPipeline('open_run', 'timeliness');
  const run = await begin(pipeline, 3_000);

  const late = await untilStands(pipeline, 'late', 'still_running');

  const noticedAfter = late.recorded_at.getTime() - late.since.getTime();
  expect(noticedAfter).toBeGreaterThanOrEqual(0);
  expect(noticedAfter).toBeLessThan(SOON_MS);

  const ended = Date.now();
  await end(run, new Date());
  await untilStands(pipeline, 'late', 'ended_late');
  expect(Date.now() - ended).toBeLessThan(SOON_MS);
});

test('data are late at their deadline, and fresh as soon as new ones come', async () => {
  const pipeline = await addPipeline('data', 'freshness');
  const run = await begin(pipeline, -HOUR_MS);
  await end(run, new Date(Date.now() - HOUR_MS + 3_000), 10);

  const late = await untilStands(pipeline, 'late', 'no_new_data');
  expect(late.recorded_at.getTime() - late.since.getTime()).toBeLessThan(SOON_MS);

  const next = await begin(pipeline, HOUR_MS - 2_000);
  const ended = Date.now();
  await end(next, new Date(), 10);
  await untilStands(pipeline, 'fresh', 'wrote');
  expect(Date.now() - ended).toBeLessThan(SOON_MS);
});

test('what is open about a pipeline is closed as soon as it is switched off', async () => {
  const pipeline = await addPipeline('retired', 'freshness');
  const run = await begin(pipeline, HOUR_MS - 1_000);
  const ended = { id: run, end_date: new Date().toISOString(), completed_successfully: false };
  await post('/end_pipeline_execution', ended);
  const notices = async () => {
    const response = await fetch(`${api.url}/api/notices?pipeline=retired`);
    return ((await response.json()) as NoticePage).notices;
  };
  await until(async () => (await notices()).length === 1);

  await db.updateTable('pipeline').set({ active: false }).where('id', '=', pipeline).execute();

  await until(async () => (await notices()).every(({ state }) => state === 'closed'));
  expect(await notices()).toMatchObject([
    { kind: 'run_failed', recovered_at: null, closed: { because: 'inactive' } },
  ]);
});

test('a run of our own is late too', async () => {
  const { id } = await post<{ id: number }>('/api/pipelines/own/runs', {});
  const run = () =>
    db
      .selectFrom('pipeline_execution')
      .select(['state', 'pipeline_id'])
      .where('id', '=', id)
      .executeTakeFirstOrThrow();
  await until(async () => (await run()).state === 'running');
  await db
    .updateTable('pipeline_execution')
    .set({ start_date: new Date(Date.now() - HOUR_MS + 2_000) })
    .where('id', '=', id)
    .execute();
  await wakeWatch(db);

  const { pipeline_id } = await run();
  const late = await untilStands(pipeline_id, 'late', 'still_running');
  expect(late.recorded_at.getTime() - late.since.getTime()).toBeLessThan(SOON_MS);

  await post(`/api/runs/${id}/cancel`, {});
  await until(async () => (await run()).state === 'cancelled');
});

test('a deadline that passes while no worker is alive is found as soon as one is back', async () => {
  const pipeline = await addPipeline('no_worker', 'timeliness');
  await worker.kill();
  await begin(pipeline, 1_000);
  const passed = Date.now() + 1_500;
  await until(() => Date.now() > passed);
  expect(
    await db
      .selectFrom('pipeline_standing')
      .select('id')
      .where('pipeline_id', '=', pipeline)
      .execute(),
  ).toEqual([]);

  worker = await startWorker(around);

  const late = await untilStands(pipeline, 'late', 'still_running');
  expect(late.recorded_at.getTime() - late.since.getTime()).toBeGreaterThan(500);
});

test('the watch goes on in a new history before its own is long', async () => {
  const before = await untilWatched();
  const watch = temporal.workflow.getHandle(watchId(around.taskQueue));
  await Promise.all(Array.from({ length: LONG_HISTORY }, () => watch.signal(WAKE_SIGNAL)));

  const after = await until(async () => {
    const runId = await untilWatched();
    return runId === before ? undefined : runId;
  });

  const pipeline = await addPipeline('continued', 'timeliness');
  await begin(pipeline, 500);
  await untilStands(pipeline, 'late', 'still_running');
  expect(await untilWatched()).toBe(after);
});

test('a watch that somebody terminated comes back', async () => {
  const before = await untilWatched();
  await temporal.workflow.getHandle(watchId(around.taskQueue)).terminate('by mistake');

  const after = await until(async () => {
    const runId = await untilWatched();
    return runId === before ? undefined : runId;
  });

  const pipeline = await addPipeline('terminated', 'timeliness');
  await begin(pipeline, 500);
  await untilStands(pipeline, 'late', 'still_running');
  expect(await untilWatched()).toBe(after);
});
