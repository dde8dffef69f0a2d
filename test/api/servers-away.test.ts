import { afterAll, beforeAll, expect, test } from 'vitest';
import { closeRun } from '../../db/runs/close-run.ts';
import { openDoor, type Door } from '../support/door.ts';
import { until } from '../support/until.ts';
import { startTestApi, type TestApi } from './test-api.ts';

let api: TestApi;
let database: Door;
let temporal: Door;

const START = '/api/pipelines/numbers/runs';
/** Also for a busy machine, and less than anybody waits for a server. */
const QUICK_MS = 15_000;

beforeAll(async () => {
  api = await startTestApi({
    through: async (real) => {
      const url = new URL(real.database);
      database = await openDoor({ host: url.hostname, port: Number(url.port) });
      url.port = String(database.port);
      const [host = '', port] = real.temporal.split(':');
      temporal = await openDoor({ host, port: Number(port) });
      return { database: url.href, temporal: `127.0.0.1:${temporal.port}` };
    },
  });
});
afterAll(async () => {
  await api.stop();
  await Promise.all([database.shut(), temporal.shut()]);
});

async function isStarted(workflowId: string): Promise<boolean> {
  const described = api.temporal.workflow.getHandle(workflowId).describe();
  return described.then(
    ({ status }) => status.name === 'RUNNING',
    () => false,
  );
}

test('without Temporal runs are accepted and stay queued, and start when it is back', async () => {
  await temporal.shut();
  const from = Date.now();
  const answers = await Promise.all(
    [1, 2, 3].map((count) => api.post(START, { params: { count } })),
  );

  expect(answers.map(({ status, body }) => [status, body.state])).toEqual(
    answers.map(() => [202, 'queued']),
  );
  expect(Date.now() - from).toBeLessThan(QUICK_MS);
  const ready = await api.get('/health/ready');
  expect(ready.status).toBe(503);
  expect(ready.body.missing).toMatchObject([{ name: 'temporal' }]);
  const path = `/api/runs/${answers[0]?.body.id}`;
  const { message } = await until(async () => (await api.get(path)).body.reason);
  expect(message).toBe('waits for Temporal to take it');

  await temporal.open();

  for (const { body } of answers) await until(() => isStarted(body.workflow_id));
  await until(async () => (await api.get('/health/ready')).status === 200);
});

test('without Temporal a queued run is cancelled at once and never starts, a started one is a 503', async () => {
  const { body: started } = await api.post(START, {});
  await until(() => isStarted(started.workflow_id));
  await temporal.shut();
  const { body: queued } = await api.post(START, {});

  const cancelled = await api.post(`/api/runs/${queued.id}/cancel`);
  const refused = await api.post(`/api/runs/${started.id}/cancel`);

  expect(cancelled.status).toBe(202);
  expect(cancelled.body).toMatchObject({ state: 'cancelled', error: { code: 'run.cancelled' } });
  expect(refused.status).toBe(503);
  expect(refused.body.code).toBe('temporal.unavailable');
  expect(refused.headers.get('retry-after')).toBe('2');

  await temporal.open();
  const { body: next } = await api.post(START, {});
  await until(() => isStarted(next.workflow_id));
  expect(await isStarted(queued.workflow_id)).toBe(false);
});

test('without Postgres every request is a quick 503, and all is well when it is back', async () => {
  const { body: run } = await api.post(START, {});
  await database.shut();

  for (const ask of [
    () => api.get('/api/runs'),
    () => api.get(`/api/runs/${run.id}?wait=30s`),
    () => api.post(START, {}),
    () => api.post(`/api/runs/${run.id}/cancel`),
  ]) {
    const from = Date.now();
    const { status, headers, body } = await ask();
    expect(status).toBe(503);
    expect(body.code).toBe('database.unavailable');
    expect(headers.get('retry-after')).toBe('2');
    expect(Date.now() - from).toBeLessThan(QUICK_MS);
  }
  for (const path of ['/health', '/health/live']) {
    expect(await api.get(path)).toMatchObject({ status: 200, body: { status: 'live' } });
  }
  expect((await api.get('/health/ready')).body.missing).toMatchObject([{ name: 'database' }]);

  await database.open();
  await until(async () => (await api.get('/health/ready')).status === 200);

  const waiting = api.get(`/api/runs/${run.id}?wait=30s`);
  await closeRun(api.db, {
    executionId: run.id,
    state: 'succeeded',
    error: null,
    watermark: null,
    blocks: [],
  });
  expect((await waiting).body.state).toBe('succeeded');
});
