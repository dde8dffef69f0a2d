import { sql } from 'kysely';
import { judgeRuns, planComparisons, type EndedRun } from '../../metadata/anomaly/batch.ts';
import type { Flags, Judged } from '../../metadata/anomaly/batch.ts';
import { METRICS, type Metric } from '../../metadata/anomaly/rule.ts';
import { readPools } from './baselines.ts';
import { recordChecks } from './results.ts';
import { listActiveRules } from './rules.ts';
import type { Db } from '../database.ts';

export interface CheckChoice {
  readonly atMost: number;
  /** Runs that are to stay in the queue. */
  readonly except: readonly number[];
  /** Told before anything else is done with them. */
  readonly onClaim: (executionIds: readonly number[]) => void;
}

/**
 * Checks the oldest runs of the queue against the rules of their pipelines, as one transaction: whatever
 * happens to it, each run is either checked or still queued. Any number of processes may do it at once.
 * Answers how many runs it took.
 */
export async function checkQueued(db: Db, choice: CheckChoice): Promise<number> {
  return db.transaction().execute(async (tx) => {
    const { ids, now } = await claim(tx, choice);
    if (ids.length === 0) return 0;
    choice.onClaim(ids);
    const runs = await readRuns(tx, ids);
    await recordChecks(tx, runs, await judge(tx, runs, now));
    await release(tx, ids, runs);
    return ids.length;
  });
}

/** Statements as quick as those that follow take longer to compile than to run: hence no `jit`. */
async function claim(tx: Db, { atMost, except }: CheckChoice) {
  const { rows } = await sql<{ id: number; now: Date }>`
    select execution_id as id, now() as now, set_config('jit', 'off', true) from check_queue
    where execution_id <> all(${except}::bigint[])
    order by execution_id limit ${atMost} for update skip locked`.execute(tx);
  return { ids: rows.map(({ id }) => id), now: rows[0]?.now ?? new Date() };
}

type ReadRun = EndedRun & { readonly succeeded: boolean };

/** In the order in which they ended. One that is being reported again at this moment is left for later. */
async function readRuns(tx: Db, ids: readonly number[]): Promise<ReadRun[]> {
  const rows = await tx
    .selectFrom('pipeline_execution')
    .select(['id', 'pipeline_id', 'hour_recorded', 'end_date', 'anomaly_flags', ...METRICS])
    .select(['completed_successfully', sql<number>`extract(isodow from date_recorded)`.as('day')])
    .where('id', '=', sql<number>`any(${ids}::bigint[])`)
    .orderBy('end_date')
    .orderBy('id')
    .forNoKeyUpdate()
    .skipLocked()
    .execute();
  return rows.map((row) => ({
    id: row.id,
    pipelineId: row.pipeline_id,
    hour: row.hour_recorded ?? 0,
    weekday: row.day,
    endedAt: row.end_date ?? new Date(0),
    values: Object.fromEntries(METRICS.map((name) => [name, row[name]])) as Record<
      Metric,
      number | null
    >,
    flags: (row.anomaly_flags ?? {}) as Flags,
    succeeded: row.completed_successfully === true,
  }));
}

async function judge(tx: Db, runs: readonly ReadRun[], now: Date): Promise<Judged[]> {
  const succeeded = runs.filter((run) => run.succeeded);
  const pipelines = [...new Set(succeeded.map(({ pipelineId }) => pipelineId))];
  const comparisons = planComparisons(succeeded, await listActiveRules(tx, pipelines), now);
  if (comparisons.length === 0) return [];
  const pooled = await readPools(tx, comparisons);
  return pooled.flatMap(([comparison, pool]) => judgeRuns(comparison, pool));
}

/** A run that is gone needs no check. */
async function release(tx: Db, ids: readonly number[], checked: readonly EndedRun[]) {
  await sql`
    delete from check_queue q
    where execution_id = any(${ids}::bigint[])
      and (execution_id = any(${checked.map(({ id }) => id)}::bigint[])
        or not exists (select from pipeline_execution e where e.id = q.execution_id))`.execute(tx);
}
