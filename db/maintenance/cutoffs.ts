import { sql } from 'kysely';
import type { Retention } from '../../plan/plan.ts';
import type { Db } from '../database.ts';

/** What of a pipeline is too old to be kept; null: nothing is. */
export interface Cutoff {
  readonly pipelineId: number;
  readonly runs: Date | null;
  readonly logs: Date | null;
  readonly artifacts: Date | null;
}

/** Of each pipeline that does not keep everything for ever; `defaults` count where it says nothing itself. */
export async function listCutoffs(
  db: Db,
  defaults: Retention,
  now = new Date(),
): Promise<Cutoff[]> {
  const rows = await db
    .selectFrom('pipeline')
    .select(['id', 'keep_runs_s', 'keep_logs_s', 'keep_artifacts_s'])
    .execute();
  const before = (seconds: number | null, defaultMs: number | undefined): Date | null => {
    const ms = seconds === null ? defaultMs : seconds * 1000;
    return ms === undefined ? null : new Date(now.getTime() - ms);
  };
  return rows
    .map(({ id, keep_runs_s, keep_logs_s, keep_artifacts_s }) => ({
      pipelineId: id,
      runs: before(keep_runs_s, defaults.runsMs),
      logs: before(keep_logs_s, defaults.logsMs),
      artifacts: before(keep_artifacts_s, defaults.artifactsMs),
    }))
    .filter(({ runs, logs, artifacts }) => runs ?? logs ?? artifacts);
}

/** The same moment for the runs of every pipeline, whatever it says itself. */
export async function cutoffForAll(db: Db, runs: Date): Promise<Cutoff[]> {
  const rows = await db.selectFrom('pipeline').select('id').execute();
  return rows.map(({ id }) => ({ pipelineId: id, runs, logs: null, artifacts: null }));
}

/** The cutoffs as a table `k (pipeline_id, runs, logs, artifacts)`. */
export function cutoffTable(cutoffs: readonly Cutoff[]) {
  const column = (pick: (cutoff: Cutoff) => Date | null) =>
    cutoffs.map((cutoff) => pick(cutoff)?.toISOString() ?? null);
  return sql`
    unnest(${cutoffs.map(({ pipelineId }) => pipelineId)}::int[],
      ${column(({ runs }) => runs)}::timestamptz[], ${column(({ logs }) => logs)}::timestamptz[],
      ${column(({ artifacts }) => artifacts)}::timestamptz[])
    as k (pipeline_id, runs, logs, artifacts)`;
}

/** The latest of these moments; undefined when there is none. */
export function latest(
  cutoffs: readonly Cutoff[],
  what: 'runs' | 'logs' | 'artifacts',
): Date | undefined {
  const times = cutoffs.flatMap((cutoff) => cutoff[what]?.getTime() ?? []);
  return times.length === 0 ? undefined : new Date(Math.max(...times));
}

/** The cutoff of the pipeline that keeps its runs longest; undefined: all are kept for ever. */
export function longest(cutoffs: readonly Cutoff[]): Date | undefined {
  const times = cutoffs.flatMap(({ runs }) => runs?.getTime() ?? []);
  return times.length === 0 ? undefined : new Date(Math.min(...times));
}

/**
 * Whether nothing goes on any more in a run `e` of ours, nor in a run above it. What others report has no
 * say: an execution that was never ended would keep everything.
 */
export const SETTLED_RUN = sql`
  (e.state not in ('queued', 'running') and (e.parent_id is null or not exists (
    select from pipeline_execution_closure c
    join pipeline_execution above on above.id = c.parent_execution_id
    where c.child_execution_id = e.id and c.depth > 0
      and above.state in ('queued', 'running') and above.trigger_kind <> 'reported')))`;

/** Whether a run `e` is older than its pipeline `k` keeps runs; a report that never ended is given up after 90 days. */
export const OLD_RUN = sql`
  (coalesce(e.start_date, e.requested_at) <= k.runs
    and (${SETTLED_RUN} or e.trigger_kind = 'reported'
      and e.start_date <= least(k.runs, now() - interval '90 days')))`;
