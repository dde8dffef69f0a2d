import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Impact, Lineage } from '../../api/contract/lineage.ts';
import { ask } from '../api/lineage-world.ts';
import { startTestApi, type TestApi } from '../api/test-api.ts';
import { pythonWith } from '../support/watcher-sdk.ts';

const CLIENT = 'openlineage-python==1.54.0';
const SCRIPT = new URL('./open_lineage_job.py', import.meta.url).pathname;

let api: TestApi;

beforeAll(async () => {
  const python = await pythonWith(CLIENT);
  api = await startTestApi();
  await promisify(execFile)(python, [SCRIPT, api.url], { timeout: 120_000 });
}, 600_000);
afterAll(async () => {
  await api.stop();
});

test("what OpenLineage's own Python client tells is understood", async () => {
  const runs = await api.db
    .selectFrom('pipeline_execution as e')
    .innerJoin('pipeline as p', 'p.id', 'e.pipeline_id')
    .innerJoin('pipeline_type as t', 't.id', 'p.pipeline_type_id')
    .select(['e.id', 'p.name', 't.name as type', 'e.state', 'e.parent_id', 'e.total_rows'])
    .select(['e.duration_seconds', 'e.execution_metadata'])
    .orderBy('e.id')
    .execute();
  expect(runs).toMatchObject([
    { name: 'dbt/build', type: 'dbt', state: 'succeeded', total_rows: 7, duration_seconds: 300 },
    {
      ...{ name: 'dbt/test', state: 'failed', parent_id: runs[0]?.id },
      execution_metadata: { error: 'column is missing' },
    },
  ]);
});

test('its lineage is there, down to the columns', async () => {
  const path = '/api/lineage/upstream?address=shop.public.sums&column=total&columns=true';
  const { body } = await ask<Lineage>(api, 'GET', path);
  expect(body.addresses.map(({ name, columns }) => [name, columns])).toEqual([
    ['postgres://warehouse:5432/shop.public.sums', ['total']],
    ['postgres://warehouse:5432/shop.public.orders', ['amount']],
  ]);
  const impact = await ask<Impact>(api, 'GET', '/api/lineage/impact?address=shop.public.orders');
  expect(impact.body.pipelines.map(({ name }) => name)).toEqual(['dbt/build']);
});
