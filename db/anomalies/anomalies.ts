import { sql } from 'kysely';
import type { Baseline, Method, Metric } from '../../metadata/anomaly/rule.ts';
import type { Db } from '../database.ts';

/** One metric of one run that was out of its range. */
export interface AnomalyRecord {
  readonly id: number;
  readonly pipeline: string;
  readonly executionId: number;
  readonly metric: Metric;
  readonly value: number;
  readonly zScore: number;
  readonly zThreshold: number;
  readonly centre: number;
  readonly deviation: number;
  readonly min: number;
  readonly max: number;
  readonly runs: number;
  readonly baseline: Baseline;
  readonly method: Method;
  readonly detectedAt: Date;
  readonly recoveredAt: Date | null;
  readonly recoveredBy: number | null;
}

export interface AnomalyFilter {
  readonly pipeline?: string | undefined;
  readonly executionId?: number | undefined;
  readonly metric?: Metric | undefined;
  readonly state?: 'open' | 'recovered' | undefined;
  readonly since?: Date | undefined;
  /** Only those that were detected before this one. */
  readonly before?: number | undefined;
  readonly limit: number;
}

/** The newest first. */
export async function listAnomalies(db: Db, filter: AnomalyFilter): Promise<AnomalyRecord[]> {
  const { pipeline, executionId, metric, state, since, before, limit } = filter;
  const rows = await db
    .selectFrom('anomaly_detection_result as r')
    .innerJoin('anomaly_detection_rule as u', 'u.id', 'r.rule_id')
    .innerJoin('pipeline_execution as e', 'e.id', 'r.pipeline_execution_id')
    .innerJoin('pipeline as p', 'p.id', 'e.pipeline_id')
    .select(['r.id', 'p.name as pipeline', 'e.id as executionId', 'u.metric_field as metric'])
    .select(['r.violation_value as value', 'r.z_score as zScore', 'r.z_threshold as zThreshold'])
    .select(['r.historical_mean as centre', 'r.std_deviation_value as deviation'])
    .select(['r.threshold_min_value as min', 'r.threshold_max_value as max'])
    .select(sql<number>`(r.context ->> 'execution_count')::int`.as('runs'))
    .select(sql<Baseline>`r.context ->> 'baseline'`.as('baseline'))
    .select(sql<Method>`r.context ->> 'method'`.as('method'))
    .select(['r.detected_at as detectedAt', 'r.recovered_at as recoveredAt'])
    .select('r.recovered_by as recoveredBy')
    .$if(pipeline !== undefined, (query) => query.where('p.name', '=', pipeline ?? ''))
    .$if(executionId !== undefined, (query) => query.where('e.id', '=', executionId ?? 0))
    .$if(metric !== undefined, (query) => query.where('u.metric_field', '=', metric ?? ''))
    .$if(state === 'open', (query) => query.where('r.recovered_at', 'is', null))
    .$if(state === 'recovered', (query) => query.where('r.recovered_at', 'is not', null))
    .$if(since !== undefined, (query) => query.where('r.detected_at', '>=', since ?? new Date()))
    .$if(before !== undefined, (query) => query.where('r.id', '<', before ?? 0))
    .orderBy('r.id', 'desc')
    .limit(limit)
    .execute();
  return rows.map((row) => ({ ...row, metric: row.metric as Metric }));
}
