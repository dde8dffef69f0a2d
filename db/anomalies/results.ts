import { sql } from 'kysely';
import type { EndedRun, Judged } from '../../metadata/anomaly/batch.ts';
import { outcomesOf, type Finding, type Outcome } from '../../metadata/anomaly/outcome.ts';
import { postgresJson } from '../../runtime/json.ts';
import { tellOdd, tellRecovered } from './anomaly-notices.ts';
import type { Db } from '../database.ts';

/** Writes down what a check found, and tells about it. The same again changes nothing and tells nobody. */
export async function recordChecks(
  tx: Db,
  runs: readonly EndedRun[],
  judged: readonly Judged[],
): Promise<void> {
  const outcomes = outcomesOf(runs, judged);
  const changed = outcomes.filter((outcome) => outcome.changed);
  const cleared = changed.filter(({ isCleared }) => isCleared).map(({ run }) => run.id);
  await writeFindings(tx, outcomes);
  await writeFlags(tx, changed);
  await tellOdd(
    tx,
    changed.filter(({ isNews }) => isNews),
  );
  await tellRecovered(
    tx,
    cleared.map((executionId) => ({ executionId, by: null })),
  );
  await tellRecovered(tx, await recoverEarlier(tx, judged));
}

async function writeFindings(tx: Db, outcomes: readonly Outcome[]): Promise<void> {
  const rows = outcomes.flatMap(({ findings }) => findings.map(toRow));
  if (rows.length === 0) return;
  await sql`
    insert into anomaly_detection_result (pipeline_execution_id, rule_id, violation_value, z_score,
      historical_mean, std_deviation_value, z_threshold, threshold_min_value, threshold_max_value,
      context)
    select * from jsonb_to_recordset(${postgresJson(rows)}::jsonb) as f(execution bigint, rule int,
      value numeric, z numeric, centre numeric, deviation numeric, threshold numeric, min numeric,
      max numeric, context jsonb)
    on conflict (pipeline_execution_id, rule_id) do update set
      violation_value = excluded.violation_value, z_score = excluded.z_score,
      historical_mean = excluded.historical_mean,
      std_deviation_value = excluded.std_deviation_value, z_threshold = excluded.z_threshold,
      threshold_min_value = excluded.threshold_min_value,
      threshold_max_value = excluded.threshold_max_value, context = excluded.context`.execute(tx);
}

function toRow({ run, rule, verdict }: Finding) {
  const { value, zScore, min, max, baseline } = verdict;
  return {
    ...{ execution: run.id, rule: rule.id, value, z: zScore, min, max },
    ...{ centre: baseline.centre, deviation: baseline.deviation, threshold: rule.zThreshold },
    context: {
      lookback_days: rule.lookbackDays,
      minimum_executions: rule.minimumExecutions,
      execution_count: baseline.count,
      baseline: rule.baseline,
      method: rule.method,
    },
  };
}

/** A result goes with its flag. */
async function writeFlags(tx: Db, outcomes: readonly Outcome[]): Promise<void> {
  if (outcomes.length === 0) return;
  const rows = outcomes.map(({ run, flags }) => ({ id: run.id, flags }));
  await sql`
    with outcome as (
      select * from jsonb_to_recordset(${postgresJson(rows)}::jsonb) as o(id bigint, flags jsonb)
    ), gone as (
      delete from anomaly_detection_result r
      using outcome o, anomaly_detection_rule u
      where r.pipeline_execution_id = o.id and u.id = r.rule_id
        and (o.flags -> u.metric_field = 'true') is not true
    )
    update pipeline_execution e set anomaly_flags = nullif(o.flags, '{}')
    from outcome o where e.id = o.id`.execute(tx);
}

/**
 * A run that keeps within its range shows that what was odd about earlier ones is over. Answers the runs
 * about which nothing is left that is odd.
 */
async function recoverEarlier(tx: Db, judged: readonly Judged[]) {
  const latest = new Map<number, number>();
  for (const { run, rule, verdict } of judged) {
    if (verdict === 'normal') latest.set(rule.id, Math.max(run.id, latest.get(rule.id) ?? 0));
  }
  if (latest.size === 0) return [];
  const clean = [...latest].map(([rule, execution]) => ({ rule, execution }));
  const { rows } = await sql<{ executionId: number; by: number }>`
    with recovered as (
      update anomaly_detection_result r set recovered_at = now(), recovered_by = c.execution
      from jsonb_to_recordset(${JSON.stringify(clean)}::jsonb) as c(rule int, execution bigint)
      where r.rule_id = c.rule and r.recovered_at is null and r.pipeline_execution_id < c.execution
      returning r.pipeline_execution_id, r.rule_id, r.recovered_by
    )
    select pipeline_execution_id as "executionId", max(recovered_by) as by
    from recovered one
    where not exists (
      select from anomaly_detection_result r
      where r.pipeline_execution_id = one.pipeline_execution_id and r.recovered_at is null
        and r.rule_id not in (select rule_id from recovered other
          where other.pipeline_execution_id = one.pipeline_execution_id)
    )
    group by pipeline_execution_id`.execute(tx);
  return rows;
}
