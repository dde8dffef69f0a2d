import { sql } from 'kysely';
import type { RunState } from '../../plan/run-state.ts';
import type { Db } from '../database.ts';

/** A run that Temporal should know of and that has not reported its end. */
export interface OpenRun {
  readonly id: number;
  readonly state: RunState;
  readonly workflow_id: string;
  readonly temporal_run_id: string | null;
}

/** The next open runs after this id, without those that began in the last ten seconds. */
export async function listOpenRuns(db: Db, after: number, limit: number): Promise<OpenRun[]> {
  const rows = await openRuns(db)
    .where('id', '>', after)
    .where(
      sql<boolean>`greatest(dispatched_at, start_date) < clock_timestamp() - interval '10 seconds'`,
    )
    .orderBy('id')
    .limit(limit)
    .execute();
  return rows.map(toOpenRun);
}

/** Those of these workflows whose run is still open here. */
export async function findOpenRuns(db: Db, workflowIds: readonly string[]): Promise<OpenRun[]> {
  if (workflowIds.length === 0) return [];
  const rows = await openRuns(db)
    .where(sql<boolean>`workflow_id = any(${workflowIds}::text[])`)
    .execute();
  return rows.map(toOpenRun);
}

function openRuns(db: Db) {
  return db
    .selectFrom('pipeline_execution')
    .select(['id', 'state', 'workflow_id', 'temporal_run_id'])
    .where('state', 'in', ['queued', 'running'])
    .where('dispatched_at', 'is not', null)
    .where('workflow_id', 'is not', null)
    .$narrowType<{ workflow_id: string }>();
}

function toOpenRun(row: Awaited<ReturnType<ReturnType<typeof openRuns>['execute']>>[number]) {
  return { ...row, state: row.state as RunState };
}
