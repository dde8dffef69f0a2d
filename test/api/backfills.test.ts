import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Backfill, BackfillPage, BackfillPlan } from '../../api/contract/backfill.ts';
import { startTestApi, type TestApi } from './test-api.ts';

const NUMBERS = {
  ...{ pipeline: 'numbers', from: '2026-01-01', to: '2026-01-11', every: '1d' },
} as const;

let api: TestApi;

beforeAll(async () => {
  api = await startTestApi({
    files: {
      'pipelines/limited.yaml': `
concurrency: { max_runs: 2 }
blocks: { numbers: { kind: loader, file: numbers.sql } }
`,
      'pipelines/nightly.yaml': `
params: { size: { type: integer, default: 1 } }
triggers:
  nightly: { schedule: { cron: '0 2 * * *', timezone: Europe/Berlin }, params: { size: 5 } }
blocks:
  numbers: { kind: loader, file: numbers.sql }
`,
    },
  });
});
afterAll(() => api.stop());

async function plan(body: object): Promise<BackfillPlan> {
  const answer = await api.post('/api/backfills', { ...body, dry_run: true });
  expect([answer.status, answer.body.detail]).toEqual([200, undefined]);
  return answer.body as unknown as BackfillPlan;
}

const count = async () =>
  Number(
    (await api.db.selectFrom('backfill').select(api.db.fn.countAll().as('n')).execute())[0]?.n,
  );

/** A run that took so many seconds. */
async function addRun(pipeline: string, seconds: number, state = 'succeeded'): Promise<void> {
  await api.get(`/api/pipelines/${pipeline}`);
  const { id } = await api.db
    .selectFrom('pipeline')
    .select('id')
    .where('name', '=', pipeline)
    .executeTakeFirstOrThrow();
  const [start_date, end_date] = [new Date(0), new Date(seconds * 1_000)];
  const run = { pipeline_id: id, state, trigger_kind: 'reported', start_date, end_date };
  await api.db.insertInto('pipeline_execution').values(run).execute();
}

test('a dry run lists what would run, in its order, and changes nothing', async () => {
  const planned = await plan({ ...NUMBERS, order: 'desc', max_parallel: 4 });

  expect(planned).toMatchObject({ count: 10, left_out: 0, order: 'desc', estimate: null });
  expect(planned.intervals).toHaveLength(10);
  expect(planned.intervals[0]).toEqual({
    ...{ start: '2026-01-10T00:00:00.000Z', end: '2026-01-11T00:00:00.000Z' },
  });
  expect(planned.params).toEqual({ month: '2001-01', count: 3 });
  expect(await count()).toBe(0);
});

test('params may speak of the interval of each run', async () => {
  const params = { month: '${{ run.interval_start.substring(0, 7) }}' };
  expect((await plan({ ...NUMBERS, params })).params).toEqual({ month: '2026-01', count: 3 });
});

test('the estimate is of the median of the last runs that succeeded', async () => {
  await addRun('numbers', 2);
  await addRun('numbers', 100, 'failed');
  await addRun('numbers', 4);
  await addRun('numbers', 9);

  expect((await plan({ ...NUMBERS, max_parallel: 4 })).estimate).toEqual({
    ...{ runs: 3, median_run_ms: 4_000, duration_ms: 12_000 },
  });
});

test('the estimate heeds the limit of the pipeline', async () => {
  await addRun('limited', 3);

  const planned = await plan({ ...NUMBERS, pipeline: 'limited', max_parallel: 5 });

  expect(planned.estimate?.duration_ms).toBe(15_000);
});

test('without a step the intervals are those of the only schedule, with its params', async () => {
  const planned = await plan({ pipeline: 'nightly', from: '2026-03-27', to: '2026-03-31' });

  expect(planned).toMatchObject({ every: 'schedule', trigger: 'nightly', params: { size: 5 } });
  expect(planned.intervals.map(({ start }) => start)).toEqual([
    '2026-03-27T01:00:00.000Z',
    '2026-03-28T01:00:00.000Z',
  ]);
});

test.for([
  [{ every: '1 fortnight' }, 422, 'backfill.invalid', 'is no step'],
  [{ every: undefined }, 422, 'backfill.invalid', 'numbers has no schedule: say every'],
  [{ from: '2026-02-30' }, 422, 'backfill.invalid', 'is no date'],
  [{ to: '2026-01-01' }, 422, 'backfill.invalid', 'begin before it ends'],
  [{ every: '1w' }, 422, 'backfill.invalid', 'take 2026-01-08T00:00:00+00:00 or'],
  [{ every: '1m', to: '2027-01-01' }, 422, 'backfill.invalid', 'more than 10000 intervals'],
  [{ timezone: 'Europe/Atlantis' }, 422, 'backfill.invalid', 'no time zone'],
  [{ trigger: 'hourly' }, 404, 'trigger.not_found', 'no schedule hourly: it has none'],
  [{ params: { month: 'May' } }, 422, 'params.invalid', 'month'],
  [{ params: { month: '${{ run.month }}' } }, 422, 'expression.invalid', 'month'],
  [{ params: { year: 1 } }, 422, 'params.invalid', 'there is no param year'],
  [{ pipeline: 'number' }, 404, 'pipeline.not_found', 'numbers'],
  [{ max_parallel: 0 }, 400, 'request.invalid', 'max_parallel'],
  [{ max_parallel: 101 }, 400, 'request.invalid', 'max_parallel'],
  [{ order: 'random' }, 400, 'request.invalid', 'order'],
  [{ only: 'failed' }, 422, 'backfill.empty', 'nothing to run'],
  [{ form: '2026-01-01' }, 400, 'request.invalid', 'form'],
] as const)('%j is refused, and nothing has changed', async ([change, status, code, words]) => {
  const before = await count();
  const answer = await api.post('/api/backfills', { ...NUMBERS, ...change });
  expect([answer.status, answer.body.code]).toEqual([status, code]);
  expect(answer.body.detail).toContain(words);
  expect(await count()).toBe(before);
});

test('one that overlaps an unfinished one of the same pipeline is refused', async () => {
  const first = await api.post('/api/backfills', { ...NUMBERS, actor: 'ada' });
  expect(first.status).toBe(202);
  const { id } = first.body as unknown as Backfill;
  // No worker runs here, so that nobody has seen it.
  expect(first.body).toMatchObject({ state: 'running', seen: false, counts: { pending: 10 } });
  expect(first.body).toMatchObject({ changes: [{ action: 'started', actor: 'ada' }] });

  const overlapping = { ...NUMBERS, from: '2026-01-10T12:00', to: '2026-01-12T12:00' };
  const second = await api.post('/api/backfills', overlapping);
  expect([second.status, second.body.code]).toEqual([409, 'backfill.overlaps']);
  expect(second.body.detail).toContain(`Backfill ${id} is running and has 2026-01-10T12:00`);
  expect(await count()).toBe(1);

  const beside = await api.post('/api/backfills', {
    ...NUMBERS,
    from: '2026-01-11',
    to: '2026-01-12',
  });
  expect(beside.status).toBe(202);
  const page = (await api.get('/api/backfills?limit=1')).body as unknown as BackfillPage;
  expect(page.backfills[0]).toMatchObject({ intervals: 1 });
  const rest = (await api.get(page.links.next ?? '')).body as unknown as BackfillPage;
  expect(rest.backfills.map(({ id }) => id)).toEqual([id]);
});

test('two that are asked for at the same time do not both begin', async () => {
  const asked = { ...NUMBERS, from: '2025-01-01', to: '2025-01-05' };
  const answers = await Promise.all([1, 2, 3].map(() => api.post('/api/backfills', asked)));
  expect(answers.map(({ status }) => status).sort()).toEqual([202, 409, 409]);
});

test('ten thousand intervals are taken in at once', async () => {
  const asked = { pipeline: 'nightly', from: '2026-01-01T00:00Z', every: '1m' };
  const to = new Date(Date.UTC(2026, 0, 1) + 10_000 * 60_000).toISOString().slice(0, 16) + 'Z';
  const { status, body } = await api.post('/api/backfills', { ...asked, to });
  expect([status, (body as unknown as Backfill).intervals]).toEqual([202, 10_000]);
});

test.for([
  ['GET', '/api/backfills/99999', 404, 'backfill.not_found'],
  ['GET', '/api/backfills/x', 404, 'backfill.not_found'],
  ['POST', '/api/backfills/99999/pause', 404, 'backfill.not_found'],
  ['POST', '/api/backfills/1/resume', 409, 'backfill.refused'],
  ['POST', '/api/backfills/1/retry', 409, 'backfill.refused'],
  ['DELETE', '/api/backfills/1', 405, 'route.method_not_allowed'],
] as const)('%s %s answers %d', async ([method, path, status, code]) => {
  const answer = method === 'GET' ? await api.get(path) : await api.send(method, path, {});
  expect([answer.status, answer.body.code]).toEqual([status, code]);
});

test('the routes are described', async () => {
  const { paths } = (await api.get('/openapi.json')).body;
  expect(Object.keys(paths)).toEqual(
    expect.arrayContaining([
      '/api/backfills',
      '/api/backfills/{id}',
      '/api/backfills/{id}/intervals',
      '/api/backfills/{id}/pause',
    ]),
  );
});
