import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApi, type TestApi } from '../api/test-api.ts';
import { until } from '../support/until.ts';

const METRICS = [
  ...['duration_seconds', 'inserts', 'soft_deletes', 'throughput', 'total_rows', 'updates'],
];

let api: TestApi;

beforeAll(async () => {
  api = await startTestApi({
    settings: { WATCHER_AUTO_CREATE_ANOMALY_DETECTION_RULES: 'true' },
  });
});
afterAll(() => api.stop());

async function rulesOf(pipeline: string) {
  const rules = await api.db
    .selectFrom('anomaly_detection_rule as r')
    .innerJoin('pipeline as p', 'p.id', 'r.pipeline_id')
    .select(['r.metric_field', 'r.z_threshold', 'r.active'])
    .where('p.name', '=', pipeline)
    .orderBy('r.metric_field')
    .execute();
  return rules.map(({ metric_field, z_threshold, active }) => ({
    ...{ metric: metric_field, z: z_threshold, active },
  }));
}

/** Writes a file of a pipeline, and waits until it is the pipeline's current version. */
async function define(name: string, says: string): Promise<void> {
  const text = `${says}blocks: { numbers: { kind: loader, file: numbers.sql } }\n`;
  await api.write({ [`pipelines/${name}.yaml`]: text });
  await until(async () => {
    const row = await api.db
      .selectFrom('pipeline')
      .select('current_version')
      .where('name', '=', name)
      .executeTakeFirst();
    return row?.current_version ?? undefined;
  });
}

const allSix = METRICS.map((metric) => ({ metric, z: 3, active: true }));

test('a new pipeline gets a rule for each metric, when that is asked for', async () => {
  const declaration = { name: 'reported', pipeline_type_name: 'test' };
  await api.post('/pipeline', declaration);
  await api.post('/pipeline', declaration);
  expect(await rulesOf('reported')).toEqual(allSix);
});

test('so does one that an event of OpenLineage tells of first', async () => {
  const event = {
    ...{ eventTime: '2026-01-01T10:00:00Z', producer: 'https://example.com/tool' },
    schemaURL: 'https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent',
    ...{ eventType: 'START', job: { namespace: 'airflow', name: 'load' } },
  };
  for (const eventType of ['START', 'COMPLETE']) {
    const run = { runId: '0190c7e6-4c4c-7000-8000-000000000001' };
    const { status } = await api.post('/api/v1/lineage', { ...event, eventType, run });
    expect(status).toBe(201);
  }
  expect(await rulesOf('airflow/load')).toEqual(allSix);
});

test('so does one that a file defines, and what the file says of a metric counts', async () => {
  await define('plain', '');
  expect(await rulesOf('plain')).toEqual(allSix);
  await define('strict', 'anomalies: { inserts: { z_threshold: 5 } }\n');
  expect(await rulesOf('strict')).toEqual(
    allSix.map((rule) => (rule.metric === 'inserts' ? { ...rule, z: 5 } : rule)),
  );
});

test('one that a file takes over keeps the rules that it has', async () => {
  await api.post('/pipeline', { name: 'taken', pipeline_type_name: 'test' });
  await api.db
    .deleteFrom('anomaly_detection_rule')
    .where('metric_field', '<>', 'inserts')
    .where('pipeline_id', 'in', (select) =>
      select.selectFrom('pipeline').select('id').where('name', '=', 'taken'),
    )
    .execute();
  await define('taken', '');
  expect(await rulesOf('taken')).toEqual([{ metric: 'inserts', z: 3, active: true }]);
});
