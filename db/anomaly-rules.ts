import { METRICS } from '../metadata/anomaly/rule.ts';
import type { Db } from './database.ts';

/** Gives a new pipeline one rule for each metric, with the defaults. A rule that is there already stays. */
export async function insertDefaultRules(tx: Db, pipelineId: number): Promise<void> {
  await tx
    .insertInto('anomaly_detection_rule')
    .values(METRICS.map((metric_field) => ({ pipeline_id: pipelineId, metric_field })))
    .onConflict((conflict) => conflict.columns(['pipeline_id', 'metric_field']).doNothing())
    .execute();
}
