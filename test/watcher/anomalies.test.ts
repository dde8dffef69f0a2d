import { afterAll, beforeAll, expect, test } from 'vitest';
import { addRuns, type History } from '../support/anomaly-world.ts';
import { until } from '../support/until.ts';
import { startWatcher, type Record, type Watcher } from './watcher.ts';

let watcher: Watcher;
let pipelineId: number;

beforeAll(async () => {
  watcher = await startWatcher();
  pipelineId = await watcher.newPipeline('orders');
});
afterAll(() => watcher.stop());

const RULE = '/anomaly_detection_rule';

async function addRule(fields: object): Promise<number> {
  const { body } = await watcher.post(RULE, { metric_field: 'total_rows', ...fields });
  return (body as Record)['id'] as number;
}

test('a rule is made once for a pipeline and a metric, with the defaults', async () => {
  const id = await watcher.newPipeline();
  const made = await watcher.post(RULE, { pipeline_id: id, metric_field: ' Throughput ' });
  expect(made.status).toBe(201);
  const again = { pipeline_id: id, metric_field: 'throughput', z_threshold: 9 };
  expect(await watcher.post(RULE, again)).toEqual({ status: 200, body: made.body });

  const rule = { ...(made.body as { id: number }), pipeline_id: id, metric_field: 'throughput' };
  const { body } = await watcher.get(`${RULE}/${String(rule.id)}`);
  expect(body).toMatchObject({
    ...rule,
    ...{ z_threshold: '3.00', lookback_days: 30, minimum_executions: 30, active: true },
    ...{ z_threshold_number: 3, baseline: 'hour', method: 'mean_sd', updated_at: null },
  });
  expect((await watcher.get(RULE)).body).toContainEqual(body);
});

test('200 rules at once for the same metric are one', async () => {
  const body = { pipeline_id: await watcher.newPipeline(), metric_field: 'inserts' };
  const answers = await Promise.all(Array.from({ length: 200 }, () => watcher.post(RULE, body)));
  const statuses = answers.map(({ status }) => status);
  expect(statuses.filter((status) => status === 201)).toHaveLength(1);
  expect(statuses.filter((status) => status === 200)).toHaveLength(199);
  expect(new Set(answers.map((answer) => (answer.body as Record)['id'])).size).toBe(1);
});

test('a rule is changed by its id, and only in what was sent', async () => {
  const id = await addRule({ pipeline_id: await watcher.newPipeline(), lookback_days: '60' });
  const changed = await watcher.patch(RULE, { id, z_threshold: 2.5, active: 'no' });
  expect(changed.status).toBe(200);
  expect(changed.body).toMatchObject({ z_threshold: '2.50', lookback_days: 60, active: false });
  expect((changed.body as Record)['updated_at']).not.toBeNull();
});

test('what can not be is refused with its reason', async () => {
  const other = await watcher.newPipeline();
  await addRule({ pipeline_id: other, metric_field: 'inserts' });
  const id = await addRule({ pipeline_id: other });
  const answers = [
    await watcher.get(`${RULE}/999999`),
    await watcher.patch(RULE, { id: 999_999, active: true }),
    await watcher.post(RULE, { pipeline_id: 999_999, metric_field: 'inserts' }),
    await watcher.patch(RULE, { id, metric_field: 'inserts' }),
    await watcher.patch(RULE, { id, baseline: 'last_n', last_n: 10 }),
  ];
  expect(answers.map(({ status, body }) => [status, (body as Record)['detail']])).toEqual([
    [404, 'Anomaly detection rule not found'],
    [404, 'Anomaly detection rule not found'],
    [404, 'Pipeline not found'],
    [400, 'Anomaly detection rule already exists'],
    [400, 'last_n must not be below minimum_executions'],
  ]);
});

test.each([
  { metric_field: 'rows' },
  { metric_field: ['total_rows'] },
  { z_threshold: 0.5 },
  { z_threshold: 11 },
  { lookback_days: 366 },
  { minimum_executions: 4 },
  { active: 'perhaps' },
  { baseline: 'last_n', last_n: 10 },
])('a rule with %j is a 422', async (fields) => {
  const body = { pipeline_id: pipelineId, metric_field: 'updates', ...fields };
  expect((await watcher.post(RULE, body)).status).toBe(422);
});

const UNFLAG = '/unflag_anomaly';

test('an odd execution that was reported is found, shown, and taken back', async () => {
  await addRule({ pipeline_id: pipelineId, minimum_executions: 10 });
  const start = new Date(Date.now() - 1_000);
  const earlier = Array.from({ length: 20 }, (_, at): History => ({
    ...{ pipelineId, daysAgo: 1 + (at % 10), hour: start.getUTCHours(), rows: 100 + (at % 3) },
  }));
  await addRuns(watcher.db, earlier);
  const id = await watcher.start(pipelineId, { start_date: start.toISOString() });
  await watcher.end(id, { total_rows: 5_000 });

  const anomaly = await until(async () => {
    const { body } = await watcher.get('/api/anomalies?pipeline=orders&state=open');
    return (body as { anomalies: Record[] }).anomalies[0];
  });
  expect(anomaly).toMatchObject({
    ...{ run: id, metric: 'total_rows', value: 5_000, pipeline: 'orders', state: 'open' },
    baseline: { of: 'hour', method: 'mean_sd', runs: 20 },
  });
  expect((await watcher.execution(id))['anomaly_flags']).toEqual({ total_rows: true });
  expect((await watcher.get(`/api/runs/${String(id)}`)).body).toMatchObject({
    flags: { total_rows: true },
  });
  const notices = await until(async () => {
    const { body } = await watcher.get('/api/notices?kind=anomaly');
    const raised = (body as { notices: Record[] }).notices;
    return raised.length > 0 ? raised : undefined;
  });
  expect(notices).toMatchObject([
    {
      title: 'Anomaly Detection',
      message: `Anomalies Detected for Pipeline 'orders' (ID: ${String(pipelineId)}) - Execution ID ${String(id)} flagged`,
    },
  ]);

  const asked = { pipeline_id: pipelineId, pipeline_execution_id: id };
  const metric_field = ['total_rows', 'inserts'];
  expect(await watcher.post(UNFLAG, { ...asked, metric_field })).toEqual({
    ...{ status: 204, body: null },
  });
  expect((await watcher.execution(id))['anomaly_flags']).toEqual({ total_rows: false });
  expect((await watcher.get('/api/anomalies')).body).toMatchObject({ anomalies: [] });
  expect(await watcher.post(UNFLAG, { ...asked, metric_field })).toMatchObject({
    status: 404,
    body: {
      detail: "None of the requested metrics ['total_rows', 'inserts'] are currently flagged",
    },
  });
});

test('there is nothing to take back of an execution that is unknown, elsewhere, or was never odd', async () => {
  const other = await watcher.newPipeline();
  const id = await watcher.start(other);
  const unflag = async (pipeline_id: number, pipeline_execution_id: number) => {
    const body = { pipeline_id, pipeline_execution_id, metric_field: ['inserts'] };
    const answer = await watcher.post(UNFLAG, body);
    return [answer.status, (answer.body as Record)['detail']];
  };
  expect(await unflag(other, id)).toEqual([
    ...[404, `No anomaly flags found for execution ${String(id)}`],
  ]);
  expect(await unflag(pipelineId, id)).toEqual([
    ...[404, `Pipeline execution ${String(id)} not found`],
  ]);
  expect(await unflag(other, 999_999)).toEqual([404, 'Pipeline execution 999999 not found']);
});

test('over our own API a wrong filter is a 400, and what is not flagged a 409', async () => {
  const id = await watcher.start(await watcher.newPipeline());
  const answers = [
    await watcher.get('/api/anomalies?metric=rows'),
    await watcher.get('/api/anomalies?since=yesterday'),
    await watcher.post('/api/runs/999999/unflag', { metrics: ['inserts'] }),
    await watcher.post(`/api/runs/${String(id)}/unflag`, { metrics: [] }),
    await watcher.post(`/api/runs/${String(id)}/unflag`, { metrics: ['inserts'] }),
  ];
  expect(answers.map(({ status, body }) => [status, (body as Record)['code']])).toEqual([
    [400, 'request.invalid'],
    [400, 'request.invalid'],
    [404, 'run.not_found'],
    [400, 'request.invalid'],
    [409, 'run.not_flagged'],
  ]);
});
