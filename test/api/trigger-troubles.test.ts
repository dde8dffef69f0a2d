import { afterAll, beforeAll, expect, test } from 'vitest';
import { WhyLate } from '../../api/contract/why-late.ts';
import { openDoor, type Door } from '../support/door.ts';
import { until } from '../support/until.ts';
import { startTestApi, type TestApi } from './test-api.ts';

const scheduled = (cron: string) => `
timeliness: { number: 1, datepart: hour }
blocks: { numbers: { kind: loader, file: numbers.sql } }
triggers: { nightly: { schedule: { cron: '${cron}' } } }
`;
const DAYS = { pipeline: 'daily', from: '2026-01-01', to: '2026-01-04', every: '1d' };

let api: TestApi;
let temporal: Door;

beforeAll(async () => {
  api = await startTestApi({
    files: { 'pipelines/daily.yaml': scheduled('0 3 * * *') },
    through: async (real) => {
      const [host = '', port] = real.temporal.split(':');
      temporal = await openDoor({ host, port: Number(port) });
      return { ...real, temporal: `127.0.0.1:${temporal.port}` };
    },
  });
  await until(async () => (await trigger())?.deployed);
});
afterAll(async () => {
  await api.stop();
  await temporal.shut();
});

async function trigger() {
  const { body } = await api.get('/api/triggers?pipeline=daily');
  const { triggers } = body as unknown as { triggers: { paused: boolean; deployed: boolean }[] };
  return triggers[0];
}

async function causes() {
  const { body } = await api.get('/api/pipelines/daily/why-late');
  return WhyLate.parse(body).causes;
}

test('why-late names a paused trigger, who paused it, and why', async () => {
  await api.post('/api/triggers/daily/nightly/pause', { actor: 'ada', note: 'prices are wrong' });

  const paused = (await causes()).find(({ kind }) => kind === 'paused');

  expect(paused?.message).toMatch(/^Trigger nightly of daily has been paused by ada since /);
  expect(paused?.evidence).toContainEqual({ key: 'note', value: 'prices are wrong' });
  await api.post('/api/triggers/daily/nightly/resume', { actor: 'ada' });
  expect((await causes()).map(({ kind }) => kind)).not.toContain('paused');
});

test('why-late names a broken definition, with line and column, until it is mended', async () => {
  await api.write({ 'pipelines/daily.yaml': scheduled('0 25 * * *') });

  const broken = await until(async () => (await causes()).find(({ kind }) => kind === 'broken'));

  expect(broken.message).toContain('its last good version stays: pipelines/daily.yaml:4:');
  expect(broken.evidence).toContainEqual({ key: 'code', value: 'cron.invalid' });
  await api.write({ 'pipelines/daily.yaml': scheduled('0 3 * * *') });
  await until(async () => (await causes()).every(({ kind }) => kind !== 'broken'));
});

test('while Temporal is away a trigger is neither paused nor deployed, and a 503 says so', async () => {
  await temporal.shut();

  const paused = await api.post('/api/triggers/daily/nightly/pause', { actor: 'ada' });
  const deployed = await api.post('/api/deployments', {});

  expect([paused.status, paused.body.code]).toEqual([503, 'temporal.unavailable']);
  expect([deployed.status, deployed.body.code]).toEqual([503, 'temporal.unavailable']);
  expect((await trigger())?.paused).toBe(false);

  await temporal.open();
  await until(async () => {
    await api.post('/api/triggers/daily/nightly/pause', {});
    return (await trigger())?.paused;
  });
});

test('while Temporal is away a backfill is taken in and steered, and begins when it is back', async () => {
  await temporal.shut();

  const started = await api.post('/api/backfills', DAYS);
  expect([started.status, started.body]).toMatchObject([202, { state: 'running', seen: false }]);
  const { id, workflow_id } = started.body;
  const changed = await api.send('PATCH', `/api/backfills/${id}`, { max_parallel: 3 });
  expect([changed.status, changed.body]).toMatchObject([200, { max_parallel: 3, seen: false }]);

  await temporal.open();
  await until(async () => {
    const described = api.temporal.workflow.getHandle(workflow_id).describe();
    return described.then(
      ({ status }) => status.name === 'RUNNING',
      () => false,
    );
  });
});
