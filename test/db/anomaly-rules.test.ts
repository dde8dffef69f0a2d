import { afterAll, beforeAll, expect, test } from 'vitest';
import { declareRules } from '../../db/anomalies/rules.ts';
import { openDb, type Db } from '../../db/database.ts';
import type { Metric, Rule } from '../../metadata/anomaly/rule.ts';
import { createLog } from '../../runtime/log.ts';
import { addPipeline, addRule } from '../support/anomaly-world.ts';
import { createDatabase } from '../support/servers.ts';

let db: Db;

beforeAll(async () => {
  db = openDb(await createDatabase(), createLog('test', 'silent'), 1);
});
afterAll(() => db.destroy());

function rule(metric: Metric, over: Partial<Rule> = {}): Rule {
  return {
    ...{ metric, zThreshold: 3, lookbackDays: 30, minimumExecutions: 30 },
    ...{ baseline: 'hour', lastN: 100, method: 'mean_sd' },
    ...over,
  };
}

async function rulesOf(pipelineId: number) {
  const rows = await db
    .selectFrom('anomaly_detection_rule')
    .select(['metric_field', 'declared_in', 'active', 'z_threshold'])
    .where('pipeline_id', '=', pipelineId)
    .orderBy('metric_field')
    .execute();
  return rows.map((row) => [row.metric_field, row.declared_in, row.active, row.z_threshold]);
}

test('the rules of a file come, change, rest and come back with it', async () => {
  const pipelineId = await addPipeline(db, 'filed');
  await declareRules(db, pipelineId, [rule('inserts'), rule('updates')]);
  await declareRules(db, pipelineId, [rule('updates', { zThreshold: 4 })]);
  expect(await rulesOf(pipelineId)).toEqual([
    ['inserts', 'file', false, 3],
    ['updates', 'file', true, 4],
  ]);
  await declareRules(db, pipelineId, [rule('inserts')]);
  expect(await rulesOf(pipelineId)).toEqual([
    ['inserts', 'file', true, 3],
    ['updates', 'file', false, 4],
  ]);
});

test('a file takes over the rule of its metric, and leaves others alone', async () => {
  const pipelineId = await addPipeline(db, 'taken over');
  const id = await addRule(db, pipelineId, { metric_field: 'inserts', active: false });
  await addRule(db, pipelineId, { metric_field: 'updates' });
  await declareRules(db, pipelineId, [rule('inserts')]);
  await declareRules(db, pipelineId, [rule('inserts')]);
  expect(await rulesOf(pipelineId)).toEqual([
    ['inserts', 'file', true, 3],
    ['updates', 'api', true, 3],
  ]);
  const taken = db.selectFrom('anomaly_detection_rule').select('id').where('id', '=', id);
  expect(await taken.executeTakeFirst()).toEqual({ id });
});

test('a file without rules switches off only its own', async () => {
  const pipelineId = await addPipeline(db, 'bare');
  await addRule(db, pipelineId, { metric_field: 'updates' });
  await declareRules(db, pipelineId, [rule('inserts')]);
  await declareRules(db, pipelineId, []);
  expect(await rulesOf(pipelineId)).toEqual([
    ['inserts', 'file', false, 3],
    ['updates', 'api', true, 3],
  ]);
});
