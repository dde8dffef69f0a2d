import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from '../support/until.ts';
import { startTestApi, type Body, type TestApi } from './test-api.ts';

let api: TestApi;

beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.stop());

const START = '/api/pipelines/numbers/runs';

/** A run whose workflow is open; no worker ever takes it up. */
async function start(): Promise<{ id: number; workflow_id: string }> {
  const { body } = await api.post(START, {});
  const handle = api.temporal.workflow.getHandle(body.workflow_id);
  await until(() => handle.describe().catch(() => undefined));
  return body;
}

/** The row of a run that was brought to Temporal a while ago. */
async function insertDispatched(workflowId: string): Promise<number> {
  const { rows } = await sql<{ id: number }>`
    insert into pipeline_execution
      (pipeline_id, state, version_hash, workflow_id, trigger_kind, dispatched_at)
    select id, 'queued', current_version, ${workflowId}, 'api', now() - interval '1 minute'
    from pipeline where name = 'numbers'
    returning id`.execute(api.db);
  return rows[0]?.id ?? 0;
}

/** As the first act of a workflow does it. */
async function markRunning(id: number): Promise<void> {
  await api.db
    .updateTable('pipeline_execution')
    .set({ state: 'running', start_date: new Date() })
    .where('id', '=', id)
    .execute();
  await api.db
    .insertInto('block_run')
    .values({ execution_id: id, block: 'numbers', attempt: 1, state: 'running' })
    .execute();
}

async function ended(id: number): Promise<Body> {
  return until(async () => {
    const { body } = await api.get(`/api/runs/${id}`);
    return body.finished_at === null ? undefined : body;
  });
}

test('a run that was terminated from outside is closed with its open blocks, and says why', async () => {
  const run = await start();
  await markRunning(run.id);

  await api.temporal.workflow.getHandle(run.workflow_id).terminate('enough');

  expect(await ended(run.id)).toMatchObject({
    state: 'terminated',
    error: { code: 'run.terminated', message: 'The workflow was terminated: enough' },
    blocks: [
      { name: 'numbers', state: 'terminated', attempts: 1 },
      { name: 'doubled', state: 'skipped', attempts: 0 },
    ],
  });
});

test('a run that was terminated before it began is closed', async () => {
  const run = await start();

  await api.temporal.workflow.getHandle(run.workflow_id).terminate();

  expect(await ended(run.id)).toMatchObject({ state: 'terminated', started_at: null });
});

test('a run whose workflow timed out is closed as timed_out', async () => {
  const workflowId = `numbers/${randomUUID()}`;
  await api.temporal.workflow.start('numbers', {
    workflowId,
    taskQueue: api.taskQueue,
    workflowExecutionTimeout: '1s',
  });

  const id = await insertDispatched(workflowId);

  expect(await ended(id)).toMatchObject({ state: 'timed_out', error: { code: 'run.timed_out' } });
});

test('a run that Temporal has lost before it began is started again', async () => {
  const workflowId = `numbers/${randomUUID()}`;

  const id = await insertDispatched(workflowId);

  const described = () => api.temporal.workflow.getHandle(workflowId).describe();
  await until(() => described().catch(() => undefined));
  expect((await api.get(`/api/runs/${id}`)).body.state).toBe('queued');
});

test('a run that works on is left alone', async () => {
  const run = await start();
  await markRunning(run.id);
  const later = await start();
  await api.temporal.workflow.getHandle(later.workflow_id).terminate();

  await ended(later.id);

  expect((await api.get(`/api/runs/${run.id}`)).body.state).toBe('running');
});

test('cancelling asks the workflow to stop, and an ended run is a 409', async () => {
  const run = await start();

  const asked = await api.post(`/api/runs/${run.id}/cancel`);

  expect(asked.status).toBe(202);
  const handle = api.temporal.workflow.getHandle(run.workflow_id);
  const { events } = await handle.fetchHistory();
  expect(events?.some((event) => event.workflowExecutionCancelRequestedEventAttributes)).toBe(true);

  await handle.terminate();
  await ended(run.id);
  const again = await api.post(`/api/runs/${run.id}/cancel`);
  expect(again.status).toBe(409);
  expect(again.body.code).toBe('run.not_running');
});
