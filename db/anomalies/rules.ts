import { sql, type Insertable, type Selectable, type Updateable } from 'kysely';
import type { PipelineRule } from '../../metadata/anomaly/batch.ts';
import {
  METRICS,
  type Baseline,
  type Method,
  type Metric,
  type Rule,
} from '../../metadata/anomaly/rule.ts';
import type { Db } from '../database.ts';
import { IS_ACTIVE } from '../pipelines/watched-pipelines.ts';
import type { AnomalyDetectionRule } from '../schema.generated.ts';

export type RuleRow = Selectable<AnomalyDetectionRule>;

/** Gives a new pipeline one rule for each metric, with the defaults. A rule that is there already stays. */
export async function insertDefaultRules(tx: Db, pipelineId: number): Promise<void> {
  await tx
    .insertInto('anomaly_detection_rule')
    .values(METRICS.map((metric_field) => ({ pipeline_id: pipelineId, metric_field })))
    .onConflict((conflict) => conflict.columns(['pipeline_id', 'metric_field']).doNothing())
    .execute();
}

/** Whoever comes first makes it; its settings count then only. An unknown pipeline is refused by its key. */
export async function findOrAddRule(
  db: Db,
  rule: Insertable<AnomalyDetectionRule>,
): Promise<{ readonly id: number; readonly created: boolean }> {
  const find = db
    .selectFrom('anomaly_detection_rule')
    .select('id')
    .where('pipeline_id', '=', rule.pipeline_id)
    .where('metric_field', '=', rule.metric_field);
  const found = await find.executeTakeFirst();
  if (found) return { id: found.id, created: false };
  const added = await db
    .insertInto('anomaly_detection_rule')
    .values(rule)
    .onConflict((conflict) => conflict.columns(['pipeline_id', 'metric_field']).doNothing())
    .returning('id')
    .executeTakeFirst();
  // Neither: another caller made it just now. Whoever changes its metric then leaves this one free again.
  return added ? { id: added.id, created: true } : findOrAddRule(db, rule);
}

export async function listRules(db: Db): Promise<RuleRow[]> {
  return db.selectFrom('anomaly_detection_rule').selectAll().orderBy('id').execute();
}

export async function findRule(db: Db, id: number): Promise<RuleRow | undefined> {
  return db
    .selectFrom('anomaly_detection_rule')
    .selectAll()
    .where('id', '=', id)
    .executeTakeFirst();
}

/** Undefined: there is none. A pair of pipeline and metric that has a rule is refused by its key. */
export async function changeRule(
  db: Db,
  id: number,
  patch: Updateable<AnomalyDetectionRule>,
): Promise<RuleRow | undefined> {
  return db
    .updateTable('anomaly_detection_rule')
    .set({ ...patch, updated_at: sql`now()` })
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirst();
}

/** The rules that runs of these pipelines are checked by: none where nothing is expected of the pipeline. */
export async function listActiveRules(
  tx: Db,
  pipelines: readonly number[],
): Promise<PipelineRule[]> {
  const rows = await tx
    .selectFrom('anomaly_detection_rule as r')
    .innerJoin('pipeline as p', 'p.id', 'r.pipeline_id')
    .select(['r.id', 'r.pipeline_id', 'r.metric_field', 'r.z_threshold', 'r.lookback_days'])
    .select(['r.minimum_executions', 'r.baseline', 'r.last_n', 'r.method'])
    .where('r.pipeline_id', '=', sql<number>`any(${pipelines}::int[])`)
    .where('r.active', '=', true)
    .where(IS_ACTIVE)
    .orderBy('r.id')
    .execute();
  return rows.map((row) => ({
    id: row.id,
    pipelineId: row.pipeline_id,
    metric: row.metric_field as Metric,
    zThreshold: row.z_threshold,
    lookbackDays: row.lookback_days,
    minimumExecutions: row.minimum_executions,
    baseline: row.baseline as Baseline,
    lastN: row.last_n,
    method: row.method as Method,
  }));
}

/**
 * Makes the rules of a pipeline's file its rules. One that the file no longer names is no longer active:
 * what it found stays. Rules from elsewhere about other metrics are left alone.
 */
export async function declareRules(
  tx: Db,
  pipelineId: number,
  rules: readonly Rule[],
): Promise<void> {
  for (const rule of rules) await declareRule(tx, pipelineId, rule);
  await tx
    .updateTable('anomaly_detection_rule')
    .set({ active: false, updated_at: sql`now()` })
    .where('pipeline_id', '=', pipelineId)
    .where('declared_in', '=', 'file')
    .where('active', '=', true)
    .where('metric_field', '<>', sql<string>`all(${rules.map(({ metric }) => metric)}::text[])`)
    .execute();
}

async function declareRule(tx: Db, pipeline_id: number, rule: Rule): Promise<void> {
  const settings = {
    z_threshold: rule.zThreshold,
    lookback_days: rule.lookbackDays,
    minimum_executions: rule.minimumExecutions,
    baseline: rule.baseline,
    last_n: rule.lastN,
    method: rule.method,
    active: true,
    declared_in: 'file',
  };
  await tx
    .insertInto('anomaly_detection_rule')
    .values({ pipeline_id, metric_field: rule.metric, ...settings })
    .onConflict((conflict) =>
      conflict
        .columns(['pipeline_id', 'metric_field'])
        .doUpdateSet({ ...settings, updated_at: sql`now()` }),
    )
    .execute();
}
