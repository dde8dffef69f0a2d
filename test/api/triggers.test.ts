import type { ScheduleDescription, ScheduleUpdateOptions } from '@temporalio/client';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type {
  Deployment,
  Trigger,
  TriggerChanges,
  TriggerList,
} from '../../api/contract/trigger.ts';
import { scheduleIdOf } from '../../api/triggers/schedule-id.ts';
import { LOCKS } from '../../db/locks.ts';
import { installationId } from '../../db/triggers/installation.ts';
import { until } from '../support/until.ts';
import { startTestApi, type TestApi } from './test-api.ts';

const BLOCKS = 'blocks: { numbers: { kind: loader, file: numbers.sql } }\n';
const withTriggers = (...lines: string[]) =>
  `${BLOCKS}triggers:\n${lines.map((line) => `  ${line}\n`).join('')}`;
const NIGHTLY =
  "nightly: { schedule: { cron: '30 2 * * *', timezone: Europe/Berlin, overlap: buffer_one } }";
const YEARLY = "yearly: { schedule: { cron: '0 0 1 1 *' } }";

let api: TestApi;

beforeAll(async () => {
  api = await startTestApi({
    files: { 'pipelines/daily.yaml': withTriggers(NIGHTLY, YEARLY, 'asked: { api: {} }') },
  });
  await until(() => schedules('daily').then((found) => found.length === 2));
});
afterAll(() => api.stop());

async function handleOf(pipeline: string, name: string) {
  const id = scheduleIdOf(await installationId(api.db), { pipeline, name });
  return api.temporal.schedule.getHandle(id);
}

/** The names of a pipeline's schedules that Temporal has. */
async function schedules(pipeline: string): Promise<string[]> {
  const prefix = scheduleIdOf(await installationId(api.db), { pipeline, name: '' });
  const found: string[] = [];
  for await (const { scheduleId } of api.temporal.schedule.list()) {
    if (scheduleId.startsWith(prefix)) found.push(scheduleId.slice(prefix.length));
  }
  return found.sort();
}

async function triggerOf(pipeline: string, name: string): Promise<Trigger> {
  const { body } = await api.get(`/api/triggers?pipeline=${pipeline}&name=${name}`);
  const [trigger] = (body as unknown as TriggerList).triggers;
  if (!trigger) throw new Error(`No trigger ${name}`);
  return trigger;
}

async function deploy(dry_run = false): Promise<Deployment> {
  const { body, status } = await api.post('/api/deployments', { dry_run });
  expect([status, body.detail]).toEqual([200, undefined]);
  return body as unknown as Deployment;
}

const actionsOf = ({ triggers }: Deployment, of: string) =>
  triggers.flatMap(({ pipeline, trigger, action }) =>
    pipeline === of ? [`${trigger} ${action}`] : [],
  );

async function changesOf(pipeline: string, name: string): Promise<string[]> {
  const { body } = await api.get(`/api/triggers/${pipeline}/${name}/changes`);
  return (body as unknown as TriggerChanges).changes.map(({ action }) => action);
}

test('a schedule of a file is one of Temporal’s', async () => {
  const nightly = await handleOf('daily', 'nightly');
  const { policies, spec, action } = await nightly.describe();
  expect(policies).toMatchObject({ overlap: 'BUFFER_ONE', catchupWindow: 10_000 });
  expect(spec.timezone).toBe('Europe/Berlin');
  expect(action).toMatchObject({ workflowType: 'daily', taskQueue: api.taskQueue });
});

test('an operator’s pause outlives a deployment that changes the schedule', async () => {
  const paused = await api.post('/api/triggers/daily/nightly/pause', {
    actor: 'ada',
    note: 'mending',
  });
  expect(paused.body).toMatchObject({ paused: true, note: 'mending', next: null });

  await api.write({
    'pipelines/daily.yaml': withTriggers(
      NIGHTLY.replace('30 2', '45 2'),
      YEARLY,
      'asked: { api: {} }',
    ),
  });
  await deploy();

  const { state, spec } = await (await handleOf('daily', 'nightly')).describe();
  expect(state).toMatchObject({ paused: true, note: 'mending' });
  expect(spec.calendars?.[0]?.minute).toEqual([{ start: 45, end: 45, step: 1 }]);
  expect(await changesOf('daily', 'nightly')).toEqual(['changed', 'paused', 'created']);
  expect((await deploy()).triggers.every(({ action }) => action === 'unchanged')).toBe(true);

  await api.post('/api/triggers/daily/nightly/resume', {});
  expect((await (await handleOf('daily', 'nightly')).describe()).state.paused).toBe(false);
});

test('a trigger that is no longer in its file is no longer in Temporal', async () => {
  await api.write({
    'pipelines/leaves.yaml': withTriggers(
      "hourly: { schedule: { cron: '@hourly' } }",
      "daily: { schedule: { cron: '@daily' } }",
    ),
  });
  await until(async () => (await schedules('leaves')).length === 2);
  await api.write({
    'pipelines/leaves.yaml': withTriggers("daily: { schedule: { cron: '@daily' } }"),
  });
  await until(async () => (await schedules('leaves')).join() === 'daily');
  await api.remove('pipelines/leaves.yaml');
  await until(async () => (await schedules('leaves')).length === 0);
  const { body } = await api.get('/api/triggers?pipeline=leaves');
  expect(body).toEqual({ triggers: [] });
  const removed = await api.db
    .selectFrom('trigger_change')
    .select(['trigger', 'actor'])
    .where('pipeline', '=', 'leaves')
    .where('action', '=', 'removed')
    .orderBy('id')
    .execute();
  expect(removed).toEqual(['hourly', 'daily'].map((trigger) => ({ trigger, actor: 'file' })));
});

test('two deployments at the same time end with what the files say', async () => {
  const names = ['a', 'b', 'c', 'd', 'e'];
  await api.write({
    'pipelines/twice.yaml': withTriggers(
      ...names.map((name) => `${name}: { schedule: { interval: 1h } }`),
    ),
  });
  await Promise.all([deploy(), deploy(), deploy()]);
  await until(async () => (await schedules('twice')).join() === names.join());
  expect(await changesOf('twice', 'a')).toEqual(['created']);
});

const JITTERY =
  'jittery: { schedule: { interval: 1d, jitter: 1m, start: 2030-01-01, end: 2031-01-01, catchup: all } }';

test('jitter, start and end are Temporal’s too', async () => {
  await api.write({ 'pipelines/bounded.yaml': withTriggers(JITTERY) });
  await deploy();
  const { spec, policies, info } = await (await handleOf('bounded', 'jittery')).describe();
  expect([spec.jitter, spec.startAt, spec.endAt]).toEqual([
    60_000,
    new Date('2030-01-01'),
    new Date('2031-01-01'),
  ]);
  expect(policies).toMatchObject({ overlap: 'BUFFER_ALL', catchupWindow: 7 * 86_400_000 });
  const [first] = info.nextActionTimes;
  const late = Number(first) - Date.parse('2030-01-01');
  expect(late).toBeGreaterThanOrEqual(0);
  expect(late).toBeLessThanOrEqual(60_000);
  expect(info.nextActionTimes.every((time) => time < new Date('2031-01-01T00:01:00Z'))).toBe(true);
});

const BY_HAND: [what: string, change: (schedule: ScheduleDescription) => ScheduleUpdateOptions][] =
  [
    ['intervals', (its) => ({ ...its, spec: { ...its.spec, intervals: [{ every: '1h' }] } })],
    ['jitter', (its) => ({ ...its, spec: { ...its.spec, jitter: '5m' } })],
    ['end', (its) => ({ ...its, spec: { ...its.spec, endAt: new Date('2040-01-01') } })],
    ['timezone', (its) => ({ ...its, spec: { ...its.spec, timezone: 'Asia/Tokyo' } })],
    ['overlap', (its) => ({ ...its, policies: { ...its.policies, overlap: 'ALLOW_ALL' } })],
    ['catch-up window', (its) => ({ ...its, policies: { ...its.policies, catchupWindow: '1h' } })],
    [
      'pause on failure',
      (its) => ({ ...its, policies: { ...its.policies, pauseOnFailure: true } }),
    ],
    ['task queue', (its) => ({ ...its, action: { ...its.action, taskQueue: 'another' } })],
    ['input', (its) => ({ ...its, action: { ...its.action, args: [] } })],
    ['timeouts', (its) => ({ ...its, action: { ...its.action, workflowRunTimeout: '1m' } })],
    ['remaining actions', (its) => ({ ...its, state: { ...its.state, remainingActions: 1 } })],
  ];

test.for(BY_HAND)(
  '%s changed in Temporal is drift: told, and put right',
  async ([what, change]) => {
    const yearly = await handleOf('daily', 'yearly');
    const { spec, policies, action } = await yearly.describe();
    const told = await undisturbed(async () => {
      await yearly.pause('prices are wrong');
      await yearly.update(change);
      return (await deploy(true)).triggers.find(({ trigger }) => trigger === 'yearly');
    });
    expect(told).toMatchObject({ action: 'drift', detail: `${what} changed in Temporal` });

    await deploy();

    expect(await yearly.describe()).toMatchObject({
      ...{ spec, policies, action },
      state: { paused: true, note: 'prices are wrong', remainingActions: undefined },
    });
    expect(await changesOf('daily', 'yearly')).toContain('put right');
    expect(actionsOf(await deploy(), 'daily')).toContain('yearly unchanged');
    await yearly.unpause('they are right');
  },
);

/** Nothing is put right meanwhile. */
async function undisturbed<Answer>(work: () => Promise<Answer>): Promise<Answer> {
  return api.db.transaction().execute(async (tx) => {
    await sql`select pg_advisory_xact_lock(${LOCKS.deployments})`.execute(tx);
    return work();
  });
}

test('a schedule that somebody deleted in Temporal comes back', async () => {
  await (await handleOf('daily', 'yearly')).delete();
  await deploy();
  await until(async () => (await schedules('daily')).join() === 'nightly,yearly');
});

test('schedules of others are left alone', async () => {
  const scheduleId = `highwater/somebody-else/daily/${api.taskQueue}`;
  await api.temporal.schedule.create({
    scheduleId,
    spec: { intervals: [{ every: '1d' }] },
    action: { type: 'startWorkflow', workflowType: 'daily', taskQueue: api.taskQueue },
    state: { paused: true },
  });
  await deploy();
  const theirs = api.temporal.schedule.getHandle(scheduleId);
  expect((await theirs.describe()).scheduleId).toBe(scheduleId);
  await theirs.delete();
});

test('a broken file says where, and stops neither the others nor its own last good version', async () => {
  await api.write({
    'pipelines/breaks.yaml': withTriggers("hourly: { schedule: { cron: '@hourly' } }"),
  });
  await until(async () => (await schedules('breaks')).length === 1);
  await api.write({
    'pipelines/breaks.yaml': withTriggers("hourly: { schedule: { cron: '0 25 * * *' } }"),
    'pipelines/sound.yaml': withTriggers("daily: { schedule: { cron: '@daily' } }"),
  });

  const { pipelines, triggers } = await deploy();

  expect(pipelines.find(({ pipeline }) => pipeline === 'breaks')).toMatchObject({
    action: 'broken',
    kept: true,
    errors: [{ file: 'pipelines/breaks.yaml', line: 3, column: 34, code: 'cron.invalid' }],
  });
  expect(triggers.find(({ pipeline }) => pipeline === 'breaks')?.action).toBe('unchanged');
  expect(await schedules('breaks')).toEqual(['hourly']);
  await until(async () => (await schedules('sound')).join() === 'daily');
  const rows = await api.db.selectFrom('definition_error').select(['pipeline', 'line']).execute();
  expect(rows).toEqual([{ pipeline: 'breaks', line: 3 }]);
  const { body } = await api.get('/api/pipelines');
  expect(body.pipelines.find(({ name }) => name === 'breaks')).toMatchObject({
    valid: false,
    errors: [{ line: 3, column: 34 }],
  });
  await api.remove('pipelines/breaks.yaml');
});

test('what is no schedule has no times, and an unknown trigger is named', async () => {
  expect((await api.get('/api/triggers/daily/asked/next')).body.code).toBe('trigger.wrong_kind');
  expect((await api.get('/api/triggers/daily/other/next')).status).toBe(404);
  expect((await api.get('/api/triggers/0')).body.code).toBe('trigger.not_found');
  expect((await triggerOf('daily', 'asked')).kind).toBe('api');
});
