import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApi, type Answer, type TestApi } from './test-api.ts';

let api: TestApi;

beforeAll(async () => {
  api = await startTestApi({
    files: { 'pipelines/broken.yaml': 'blocks:\n  a: { kind: loader, fil: x.sql }\n' },
  });
});
afterAll(() => api.stop());

const START = '/api/pipelines/numbers/runs';

function expectProblem(answer: Answer, status: number, code: string): void {
  expect(answer.headers.get('content-type')).toContain('application/problem+json');
  expect(answer.body).toMatchObject({ status, code, type: `urn:highwater:${code}` });
  expect(answer.status).toBe(status);
}

async function countRuns(): Promise<number> {
  const rows = await api.db.selectFrom('pipeline_execution').select('id').execute();
  return rows.length;
}

test('every unsuitable param is named in one 422, and no run is written', async () => {
  const before = await countRuns();

  const answer = await api.post(START, { params: { month: 3, count: 'x', nope: 1 } });

  expectProblem(answer, 422, 'params.invalid');
  for (const name of ['month', 'count', 'nope']) expect(answer.body.detail).toContain(name);
  expect(answer.body.errors).toMatchObject([
    { param: 'nope' },
    { param: 'month' },
    { param: 'count' },
  ]);
  expect(await countRuns()).toBe(before);
});

test('a broken definition is a 422 with file, line and column, and no run is written', async () => {
  const before = await countRuns();

  const answer = await api.post('/api/pipelines/broken/runs');

  expectProblem(answer, 422, 'pipeline.invalid');
  expect(answer.body.errors).toMatchObject([
    { file: 'pipelines/broken.yaml', line: 2, column: 22, code: 'key.unknown' },
  ]);
  expect(await countRuns()).toBe(before);
});

test.each(['missing', 'toString', '__proto__', 'constructor', 'hasOwnProperty', 'a%2Fb'])(
  'the pipeline name %s is not found',
  async (name) => {
    expectProblem(await api.get(`/api/pipelines/${name}`), 404, 'pipeline.not_found');
    const answer = await api.post(`/api/pipelines/${name}/runs`, undefined, {
      'idempotency-key': 'k',
    });
    expectProblem(answer, 404, 'pipeline.not_found');
  },
);

test.each(['4711', '0', '-1', '1e3', '1.5', 'toString', '__proto__', '99999999999999999999'])(
  'the run id %s is not found',
  async (id) => {
    expectProblem(await api.get(`/api/runs/${id}`), 404, 'run.not_found');
    expectProblem(await api.get(`/api/runs/${id}/logs`), 404, 'run.not_found');
    expectProblem(await api.post(`/api/runs/${id}/cancel`), 404, 'run.not_found');
  },
);

test('broken JSON is a 400 that says at which line and column', async () => {
  const answer = await api.post(START, '{"params":\n {"month" 3}}');

  expectProblem(answer, 400, 'request.invalid');
  expect(answer.body.detail).toContain('line 2, column 11');
});

test.each([
  ['an array', '[1]'],
  ['a text', '"x"'],
  ['an unknown key', '{"parms": {}}'],
  ['params that are no object', '{"params": 1}'],
  ['a full_load that is no boolean', '{"full_load": "yes"}'],
  ['nothing but a bracket', '{'],
  ['null', 'null'],
  ['nested very deeply', `{"params": {"count": ${'['.repeat(1e5)}${']'.repeat(1e5)}}}`],
  ['about prototypes', '{"params": {"__proto__": {"count": 1}}}'],
  ['not storable', '{"params": {"month": "\\u0000"}}'],
])('a body that is %s is a 400', async (_what, body) => {
  expectProblem(await api.post(START, body), 400, 'request.invalid');
});

test('a body of another type is a 415', async () => {
  const answer = await api.post(START, 'month=1', {
    'content-type': 'application/x-www-form-urlencoded',
  });

  expectProblem(answer, 415, 'request.unsupported');
});

test('a body of 20 MB is a 413, with or without its length, and is not kept in memory', async () => {
  const before = process.memoryUsage().rss;
  const headers = { 'content-type': 'application/json' };
  const chunk = Buffer.alloc(1024 * 1024, 'a');
  async function* chunks() {
    for (let count = 0; count < 20; count += 1) yield await Promise.resolve(chunk);
  }

  const endless = await fetch(api.url + START, {
    method: 'POST',
    headers,
    body: chunks(),
    duplex: 'half',
  });

  expect(endless.status).toBe(413);
  expectProblem(await api.post(START, 'a'.repeat(1024 * 1024 + 1)), 413, 'request.too_large');
  expect(process.memoryUsage().rss - before).toBeLessThan(200 * 1024 * 1024);
});

test('an unknown path is a 404 and an unknown method a 405 that names the known ones', async () => {
  expectProblem(await api.get('/nope'), 404, 'route.not_found');
  const answer = await api.post('/api/runs');
  expectProblem(answer, 405, 'route.method_not_allowed');
  expect(answer.headers.get('allow')).toBe('GET');
});

test.each([
  '/api/runs?nope=1',
  '/api/runs?limit=0',
  '/api/runs?limit=1001',
  '/api/runs?limit=x',
  '/api/runs?limit=1&limit=2',
  '/api/runs?state=gone',
  '/api/runs?pipeline=%00',
  '/api/runs/1/logs?block=%00',
  '/api/pipelines/%00',
  '/api/pipelines/%00/watermark',
  '/api/pipelines/%00/why-late',
  '/api/runs?cursor=nope',
  '/api/runs/1?wait=long',
  '/api/runs/1?wait=61s',
  '/api/runs/1/logs?level=loud',
  '/api/runs/1/logs?after=-1',
  '/api/pipelines?x=1',
  '/api/runs/%E0%A4%A',
])('%s is a 400', async (path) => {
  expectProblem(await api.get(path), 400, 'request.invalid');
});

test('a run of a pipeline whose name holds U+0000 is a 400', async () => {
  const answer = await api.post('/api/pipelines/%00/runs', {}, { 'idempotency-key': 'k' });

  expectProblem(answer, 400, 'request.invalid');
});

test.each(['', 'x'.repeat(256), 'ä'])('the Idempotency-Key "%s" is a 400', async (key) => {
  expectProblem(await api.post(START, {}, { 'idempotency-key': key }), 400, 'request.invalid');
});

test('a page of another site may not start a run', async () => {
  const answer = await api.post(START, undefined, { origin: 'http://elsewhere.example' });

  expectProblem(answer, 403, 'request.refused');
});
