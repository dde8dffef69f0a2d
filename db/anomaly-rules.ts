import { sql } from 'kysely';
import type { PipelineRule } from '../metadata/anomaly/batch.ts';
import { METRICS, type Baseline, type Method, type Metric } from '../metadata/anomaly/rule.ts';
import type { Db } from './database.ts';

/** Gives a new pipeline one rule for each metric, with the defaults. A rule that is there already stays. */
export async function insertDefaultRules(tx: Db, pipelineId: number): Promise<void> {
  await tx
    .insertInto('anomaly_detection_rule')
    .values(METRICS.map((metric_field) => ({ pipeline_id: pipelineId, metric_field })))
    .onConflict((conflict) => conflict.columns(['pipeline_id', 'metric_field']).doNothing())
    .execute();
}

/** The rules that runs of these pipelines are checked by. */
export async function listActiveRules(
  tx: Db,
  pipelines: readonly number[],
): Promise<PipelineRule[]> {
  const rows = await tx
    .selectFrom('anomaly_detection_rule')
    .selectAll()
    .where('pipeline_id', '=', sql<number>`any(${pipelines}::int[])`)
    .where('active', '=', true)
    .orderBy('id')
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
