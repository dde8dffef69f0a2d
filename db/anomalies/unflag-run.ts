import { sql } from 'kysely';
import type { Flags } from '../../metadata/anomaly/batch.ts';
import type { Metric } from '../../metadata/anomaly/rule.ts';
import { tellRecovered } from './anomaly-notices.ts';
import type { Db } from '../database.ts';

export interface Unflagging {
  readonly executionId: number;
  /** When given, the run has to be one of this pipeline. */
  readonly pipelineId?: number;
  readonly metrics: readonly Metric[];
}

export interface Unflagged {
  readonly outcome: 'unflagged' | 'unknown_run' | 'never_flagged' | 'not_flagged';
  /** As they are then. */
  readonly flags: Flags;
}

/**
 * Takes back that these metrics of a run are odd: their results go, and the run counts in baselines again.
 * Those of them that are not flagged are left as they are.
 */
export async function unflagRun(db: Db, unflagging: Unflagging): Promise<Unflagged> {
  const { executionId, pipelineId, metrics } = unflagging;
  return db.transaction().execute(async (tx) => {
    const run = await tx
      .selectFrom('pipeline_execution')
      .select(['pipeline_id', 'anomaly_flags'])
      .where('id', '=', executionId)
      .forNoKeyUpdate()
      .executeTakeFirst();
    const flags = (run?.anomaly_flags ?? {}) as Flags;
    if (!run || run.pipeline_id !== (pipelineId ?? run.pipeline_id)) {
      return { outcome: 'unknown_run', flags: {} };
    }
    if (Object.keys(flags).length === 0) return { outcome: 'never_flagged', flags };
    const flagged = metrics.filter((metric) => flags[metric] === true);
    if (flagged.length === 0) return { outcome: 'not_flagged', flags };
    return { outcome: 'unflagged', flags: await takeBack(tx, executionId, flags, flagged) };
  });
}

async function takeBack(
  tx: Db,
  executionId: number,
  before: Flags,
  metrics: readonly Metric[],
): Promise<Flags> {
  const flags = { ...before, ...Object.fromEntries(metrics.map((metric) => [metric, false])) };
  await tx
    .updateTable('pipeline_execution')
    .set({ anomaly_flags: JSON.stringify(flags) })
    .where('id', '=', executionId)
    .execute();
  await sql`
    delete from anomaly_detection_result r using anomaly_detection_rule u
    where r.pipeline_execution_id = ${executionId} and u.id = r.rule_id
      and u.metric_field = any(${metrics}::text[])`.execute(tx);
  const { rows } = await sql`
    select from anomaly_detection_result
    where pipeline_execution_id = ${executionId} and recovered_at is null`.execute(tx);
  if (rows.length === 0) await tellRecovered(tx, [{ executionId, by: null }]);
  return flags;
}
