import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openDb, type Db } from '../../db/database.ts';
import { createLog } from '../../runtime/log.ts';
import { createSurroundings, startApi, type Surroundings } from '../support/processes.ts';
import { createProject } from '../support/project.ts';
import { watcherSdkPython } from '../support/watcher-sdk.ts';

const run = promisify(execFile);
const SCRIPT = new URL('./sdk_pipeline.py', import.meta.url).pathname;

interface Tracked {
  readonly pipeline: number;
  readonly from: string;
  readonly execution: number;
}

interface Told {
  readonly first: Tracked;
  readonly failed: Tracked;
  readonly second: Tracked;
  readonly nested: number;
  readonly orchestrated: { readonly parent: number; readonly child: number };
}

let api: Awaited<ReturnType<typeof startApi>>;
let db: Db;
let told: Told;
let around: Surroundings;

beforeAll(async () => {
  const python = await watcherSdkPython();
  around = await createSurroundings(await createProject({}));
  db = openDb(around.databaseUrl, createLog('test', 'silent'), 1);
  api = await startApi(around);
  const { stdout } = await run(python, [SCRIPT, api.url], { timeout: 120_000 });
  told = JSON.parse(stdout) as Told;
}, 600_000);
afterAll(async () => {
  await db.destroy();
  await api.stop();
  await Promise.all([around.home, around.project].map((path) => rm(path, { recursive: true })));
});

const get = async (path: string) =>
  (await (await fetch(api.url + path)).json()) as Record<string, unknown>;

test('each run begins where the last successful one ended', async () => {
  expect([told.first.from, told.failed.from, told.second.from]).toEqual([
    ...['2026-01-01', '2026-01-02', '2026-01-02'],
  ]);
  expect(await get(`/pipeline/${told.first.pipeline}`)).toMatchObject({
    ...{ name: 'orders', pipeline_metadata: { Owner: 'data-team' }, timeliness_number: 20 },
    ...{ watermark: '2026-01-04', load_lineage: false },
  });
});

test('what a run did is kept', async () => {
  expect(await get(`/pipeline_execution/${told.second.execution}`)).toMatchObject({
    ...{ completed_successfully: true, inserts: 100, total_rows: 100, watermark: '2026-01-02' },
    ...{ next_watermark: '2026-01-04', execution_metadata: { Partition: '2026-01-04' } },
  });
  expect(await get(`/pipeline_execution/${told.failed.execution}`)).toMatchObject({
    completed_successfully: false,
  });
});

test('nested runs are listed by the run above them', async () => {
  const { child_executions: tracked } = await get(`/pipeline_execution/${told.first.execution}`);
  expect(tracked).toMatchObject([{ updates: 3, completed_successfully: true }]);
  const { parent, child } = told.orchestrated;
  expect(await get(`/pipeline_execution/${parent}`)).toMatchObject({
    soft_deletes: 1,
    child_executions: [{ id: child, execution_metadata: { orchestrator: 'airflow' } }],
  });
});

test('a parent that the SDK names wrongly is understood, as is the pipeline whose next watermark it sets', async () => {
  expect(await get(`/pipeline_execution/${told.second.execution}`)).toMatchObject({
    child_executions: [{ id: told.nested }],
  });
  expect(await get(`/pipeline/${told.first.pipeline}`)).toMatchObject({
    next_watermark: '2026-01-09',
  });
});

test('lineage is loaded once, by the first run', async () => {
  const edges = await db
    .selectFrom('address_lineage as l')
    .innerJoin('address as s', 's.id', 'l.source_address_id')
    .innerJoin('address as t', 't.id', 'l.target_address_id')
    .select(['s.name as source', 't.name as target', 't.table_name'])
    .where('l.pipeline_id', '=', told.first.pipeline)
    .orderBy('s.name')
    .execute();
  expect(edges).toEqual([
    { source: 'shop.public.customers', target: 'lake.raw.orders', table_name: 'orders' },
    { source: 'shop.public.orders', target: 'lake.raw.orders', table_name: 'orders' },
  ]);
});
