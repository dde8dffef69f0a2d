import type { Reason } from '../../metadata/limits/admission.ts';
import type { Flags } from '../../metadata/anomaly/batch.ts';
import type { Hash } from '../../plan/plan.ts';
import type { RunState } from '../../plan/run-state.ts';
import { Fault } from '../../runtime/fault.ts';
import type { JsonObject } from '../../runtime/json.ts';
import type { RunError } from '../../workflows/activities.ts';
import type { Db } from '../database.ts';
import { compileOnce, PREPARED } from '../prepared.ts';

/** A run as its row tells it; one that runs elsewhere has no workflow, and was only reported. */
export interface RunRecord {
  readonly id: number;
  readonly pipeline: string;
  readonly plan: Hash | null;
  readonly state: RunState;
  readonly trigger: string;
  /** The time that it stands for, and the bounds of the data that it is about. */
  readonly scheduled_at: Date | null;
  readonly interval_start: Date | null;
  readonly interval_end: Date | null;
  readonly params: JsonObject;
  readonly full_load: boolean;
  readonly requested_at: Date;
  /** Who asked for it by hand; null when nobody did, or nobody knows any more. */
  readonly requested_by: string | null;
  readonly dispatched_at: Date | null;
  readonly started_at: Date | null;
  readonly finished_at: Date | null;
  readonly watermark: string | null;
  readonly next_watermark: string | null;
  readonly total_rows: number | null;
  readonly workflow_id: string | null;
  /** The first Temporal run, when the run was continued as new. */
  readonly temporal_run_id: string | null;
  readonly parent: { readonly id: number; readonly block: string | null } | null;
  readonly priority: number;
  /** Why it waits, or why it was not begun. */
  readonly reason: Reason | null;
  readonly error: RunError | null;
  /** By metric: true where it is odd, false where a person took that back. */
  readonly flags: Flags;
}

export interface RunFilter {
  readonly pipeline?: string | undefined;
  readonly states?: readonly RunState[] | undefined;
  readonly backfill?: number | undefined;
  /** Only runs that were asked for before this one. */
  readonly before?: number | undefined;
  readonly limit: number;
}

export async function getRun(db: Db, id: number): Promise<RunRecord> {
  const [row] = await readRun(db, id);
  if (!row) throw new Fault('run.not_found', `No run ${id}`);
  return toRun(row);
}

/** The newest first. */
export async function listRuns(db: Db, filter: RunFilter): Promise<RunRecord[]> {
  const { pipeline, states, backfill, before, limit } = filter;
  const rows = await runs(db)
    .$if(pipeline !== undefined, (query) => query.where('p.name', '=', pipeline ?? ''))
    .$if(states !== undefined, (query) => query.where('e.state', 'in', states ?? []))
    .$if(backfill !== undefined, (query) => query.where('e.backfill_id', '=', backfill ?? 0))
    .$if(before !== undefined, (query) => query.where('e.id', '<', before ?? 0))
    .orderBy('e.id', 'desc')
    .limit(limit)
    .execute();
  return rows.map(toRun);
}

/** The runs of a run's sub-pipelines, in the order in which they began. */
export async function listChildren(db: Db, id: number): Promise<RunRecord[]> {
  return (await readChildren(db, id)).map(toRun);
}

const readRun = compileOnce((db: Db, id: number) =>
  runs(db).modifyFront(PREPARED).where('e.id', '=', id),
);

const readChildren = compileOnce((db: Db, id: number) =>
  runs(db).modifyFront(PREPARED).where('e.parent_id', '=', id).orderBy('e.id'),
);

function runs(db: Db) {
  return db
    .selectFrom('pipeline_execution as e')
    .innerJoin('pipeline as p', 'p.id', 'e.pipeline_id')
    .select(['e.id', 'p.name as pipeline', 'e.version_hash as plan', 'e.state'])
    .select(['e.trigger_kind', 'e.params', 'e.full_load'])
    .select(['e.scheduled_at', 'e.interval_start', 'e.interval_end'])
    .select(['e.requested_at', 'e.requested_by', 'e.dispatched_at', 'e.start_date', 'e.end_date'])
    .select(['e.watermark', 'e.next_watermark', 'e.total_rows', 'e.workflow_id'])
    .select(['e.temporal_run_id', 'e.parent_id', 'e.parent_block', 'e.error'])
    .select(['e.anomaly_flags', 'e.priority', 'e.reason']);
}

type Row = Awaited<ReturnType<ReturnType<typeof runs>['execute']>>[number];

function toRun(row: Row): RunRecord {
  const { trigger_kind, start_date, end_date, parent_id, parent_block, anomaly_flags, ...rest } =
    row;
  return {
    ...rest,
    state: row.state as RunState,
    trigger: trigger_kind,
    params: row.params as JsonObject,
    started_at: start_date,
    finished_at: end_date,
    parent: parent_id === null ? null : { id: parent_id, block: parent_block },
    reason: row.reason as unknown as Reason | null,
    error: row.error as RunError | null,
    flags: (anomaly_flags ?? {}) as Flags,
  };
}
