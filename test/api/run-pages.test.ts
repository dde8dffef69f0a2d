import { afterAll, beforeAll, expect, test } from 'vitest';
import { closeRun } from '../../db/runs/close-run.ts';
import { until } from '../support/until.ts';
import { startTestApi, type TestApi } from './test-api.ts';

let api: TestApi;
const START = '/api/pipelines/numbers/runs';

beforeAll(async () => {
  api = await startTestApi({
    files: { 'pipelines/other.yaml': 'blocks:\n  a: { kind: loader, file: numbers.sql }\n' },
  });
  for (let count = 0; count < 25; count += 1) await api.post(START, { params: { count } });
});
afterAll(() => api.stop());

async function readAll(path: string, between: () => Promise<unknown>): Promise<number[]> {
  const ids: number[] = [];
  let next: string | null = path;
  while (next !== null) {
    const { body } = await api.get(next);
    ids.push(...body.runs.map(({ id }: { id: number }) => id));
    next = body.links.next;
    await between();
  }
  return ids;
}

test('pages hold every run once, the newest first, while new runs come in', async () => {
  const before = await readAll('/api/runs?limit=1000', () => Promise.resolve());

  const ids = await readAll('/api/runs?limit=4', () => api.post(START, {}));

  expect(ids).toEqual(before);
  expect(ids).toEqual([...ids].sort((a, b) => b - a));
});

test('runs are found by pipeline and by several states', async () => {
  const { body: other } = await api.post('/api/pipelines/other/runs');
  await closeRun(api.db, {
    executionId: other.id,
    state: 'failed',
    error: { code: 'block.failed', message: 'no', block: 'a' },
    watermark: null,
    blocks: [],
  });

  const ofOther = await api.get('/api/runs?pipeline=other');
  const ended = await api.get('/api/runs?state=failed,cancelled');
  const none = await api.get('/api/runs?pipeline=toString');

  expect(ofOther.body.runs).toMatchObject([{ id: other.id, error: { block: 'a' } }]);
  expect(ended.body.runs).toMatchObject([{ id: other.id, state: 'failed' }]);
  expect(none.body).toMatchObject({ runs: [], cursor: null, links: { next: null } });
});

// No worker runs here.
test('a run that no worker takes says so', async () => {
  const { body: asked } = await api.post(START, {});

  const reason = await until(async () => (await api.get(`/api/runs/${asked.id}`)).body.reason);

  expect(reason).toEqual({ code: 'worker', message: 'waits for a worker to take it' });
  expect((await api.get('/api/runs?limit=1')).body.runs).toMatchObject([{ id: asked.id, reason }]);
});

test('a pipeline shows its last run, and the list shows every pipeline', async () => {
  const { body: latest } = await api.post(START, {});

  const { body } = await api.get('/api/pipelines/numbers');
  const list = await api.get('/api/pipelines');

  expect(body.last_run?.id).toBe(latest.id);
  expect(body.params.count).toMatchObject({ type: 'integer', default: 3 });
  expect(list.body.pipelines.map(({ name }: { name: string }) => name)).toEqual([
    'numbers',
    'other',
  ]);
});

test.each(['/docs', '/redoc', '/scalar'])('%s lists every request on a page', async (path) => {
  const response = await fetch(api.url + path);
  expect(response.headers.get('content-type')).toContain('text/html');
  const page = await response.text();
  const { paths } = (await api.get('/openapi.json')).body;
  for (const described of Object.keys(paths)) expect(page).toContain(described);
  expect((await api.post(path)).status).toBe(405);
});

test('every answer is described in /openapi.json, and the description is a valid one', async () => {
  const { status, body } = await api.get('/openapi.json');

  expect(status).toBe(200);
  expect(body.openapi).toBe('3.1.0');
  expect(Object.keys(body.paths)).toEqual(
    expect.arrayContaining([
      '/api/pipelines/{name}/runs',
      '/api/runs/{id}/logs',
      '/api/notices/{id}/acknowledge',
      '/start_pipeline_execution',
      '/health/ready',
    ]),
  );
  const names = [...JSON.stringify(body).matchAll(/"#\/components\/schemas\/(\w+)"/g)];
  for (const [, name = ''] of names) expect(body.components.schemas).toHaveProperty(name);
});
