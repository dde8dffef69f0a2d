import { sql } from 'kysely';
import { postgresJson, type JsonObject } from '../../runtime/json.ts';
import type { Db } from '../database.ts';
import { crossed, lockPipeline, replaceEdges, type Edge } from './edges.ts';
import type { EventType } from './open-lineage-events.ts';
import { holdParents, nest } from './open-lineage-parents.ts';
import { reportEndsIn, type ReportedState } from '../reports/report-end.ts';
import { reportStartsIn } from '../reports/report-start.ts';

/** What another tool tells of one of its runs. Addresses are ids. */
export interface ReceivedEvent extends ReceivedFlows {
  readonly pipelineId: number;
  readonly runId: string;
  readonly type: EventType | 'RUNNING' | 'OTHER';
  /** ISO 8601 with an offset. */
  readonly time: string;
  readonly parent: { readonly runId: string; readonly pipeline: string } | undefined;
  readonly totalRows: number | undefined;
  readonly metadata: JsonObject | undefined;
}

export interface ReceivedFlows {
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly columns: readonly ReceivedColumn[];
}

export interface ReceivedColumn {
  readonly source: number;
  readonly target: number;
  readonly from: string;
  readonly to: string;
}

interface StoredRun extends ReceivedFlows {
  readonly execution: number;
  readonly events: readonly string[];
}

/** Takes an event once: told again, it changes nothing. Events of a run may come in any order. */
export async function receiveEvent(db: Db, event: ReceivedEvent): Promise<void> {
  await db.transaction().execute(async (tx) => {
    await sql`select pg_advisory_xact_lock(hashtextextended(${event.runId}, 0))`.execute(tx);
    const run = (await findRun(tx, event.runId)) ?? (await beginRun(tx, event));
    if (!run.events.includes(event.type)) await note(tx, run, event);
    const flows = joined(run, event);
    await saveRun(tx, event, flows);
    await replaceFlows(tx, event.pipelineId, flows, run.execution);
  });
  await nest(db, event.runId);
}

/**
 * Makes these the edges of a pipeline, once it is known both what it reads and what it writes. Those of an
 * `execution` are left out while the edges are of one that began after it.
 */
export async function replaceFlows(
  tx: Db,
  pipelineId: number,
  flows: ReceivedFlows,
  execution: number | null,
): Promise<void> {
  const { inputs, outputs, columns } = flows;
  if (inputs.length === 0 || outputs.length === 0) return;
  await lockPipeline(tx, pipelineId);
  if (execution !== null && !(await takeTurn(tx, pipelineId, execution))) return;
  const edges = crossed(inputs, outputs).map((edge): Edge => {
    const its = columns.filter(
      ({ source, target }) => source === edge.source && target === edge.target,
    );
    return { ...edge, columns: its.map(({ from, to }) => ({ from, to, except: [] })) };
  });
  await replaceEdges(tx, pipelineId, edges);
}

async function takeTurn(tx: Db, pipelineId: number, execution: number): Promise<boolean> {
  const { rows } = await sql`
    update pipeline p set lineage_execution_id = ${execution}
    where p.id = ${pipelineId} and not exists (
      select from pipeline_execution its join pipeline_execution held on held.id = p.lineage_execution_id
      where its.id = ${execution} and (held.start_date, held.id) > (its.start_date, its.id))
    returning 1`.execute(tx);
  return rows.length > 0;
}

async function findRun(tx: Db, runId: string): Promise<StoredRun | undefined> {
  const row = await tx
    .selectFrom('open_lineage_run')
    .select(['execution_id as execution', 'events', 'inputs', 'outputs', 'columns'])
    .where('run_id', '=', runId)
    .executeTakeFirst();
  return row && { ...row, columns: row.columns as unknown as ReceivedColumn[] };
}

async function beginRun(tx: Db, event: ReceivedEvent): Promise<StoredRun> {
  const { pipelineId, runId, time } = event;
  if (event.parent) await holdParents(tx);
  const parentId = event.parent ? await findParent(tx, event.parent) : null;
  const start = { pipelineId, parentId, startDate: time, watermark: null, nextWatermark: null };
  const [answer] = await reportStartsIn(tx, [start]);
  if (!answer || 'unknown' in answer) throw new Error(`Pipeline ${pipelineId} is gone`);
  await tx
    .insertInto('open_lineage_run')
    .values({ run_id: runId, execution_id: answer.id })
    .execute();
  return { execution: answer.id, events: [], inputs: [], outputs: [], columns: [] };
}

/** Another reported run, or a run of ours that goes on. */
async function findParent(
  tx: Db,
  { runId, pipeline }: NonNullable<ReceivedEvent['parent']>,
): Promise<number | null> {
  const { rows } = await sql<{ id: number }>`
    select execution_id as id from open_lineage_run where run_id = ${runId}
    union all
    select e.id from pipeline_execution e join pipeline p on p.id = e.pipeline_id
    where p.name = ${pipeline} and e.state = 'running' and e.temporal_run_id = ${runId}
    limit 1`.execute(tx);
  return rows[0]?.id ?? null;
}

/** Somebody stopped a run that was aborted: it did not fail by itself. */
const END_STATES: Partial<Record<ReceivedEvent['type'], ReportedState>> = {
  COMPLETE: 'succeeded',
  FAIL: 'failed',
  ABORT: 'cancelled',
};

async function note(tx: Db, { execution }: StoredRun, event: ReceivedEvent): Promise<void> {
  const { type, time } = event;
  if (type === 'START') await beginAt(tx, execution, time);
  const state = END_STATES[type];
  if (state) await end(tx, execution, state, event);
  await sql`
    update open_lineage_run set events = events || ${type}::text
    where run_id = ${event.runId}`.execute(tx);
}

/** A start that comes after what it started. */
async function beginAt(tx: Db, execution: number, time: string): Promise<void> {
  await sql`
    update pipeline_execution set
      start_date = ${time}::timestamptz,
      date_recorded = (${time}::timestamptz at time zone 'utc')::date,
      hour_recorded = extract(hour from ${time}::timestamptz at time zone 'utc'),
      duration_seconds = round(extract(epoch from end_date - ${time}::timestamptz))
    where id = ${execution} and start_date > ${time}::timestamptz`.execute(tx);
}

async function end(
  tx: Db,
  execution: number,
  state: ReportedState,
  { time, totalRows, metadata }: ReceivedEvent,
): Promise<void> {
  const { rows } = await sql<{ end: Date }>`
    select greatest(${time}::timestamptz, start_date + interval '1 millisecond') as end
    from pipeline_execution where id = ${execution}`.execute(tx);
  const sent = {
    // Rows that were written: without them no data would ever be fresh.
    ...(totalRows !== undefined && { total_rows: totalRows, inserts: totalRows }),
    ...(metadata && { execution_metadata: metadata }),
  };
  const endDate = rows[0]?.end.toISOString() ?? time;
  await reportEndsIn(tx, [{ id: execution, endDate, state, sent }]);
}

function joined(before: ReceivedFlows, after: ReceivedFlows): ReceivedFlows {
  const columns = [...before.columns, ...after.columns];
  const keyOf = (column: ReceivedColumn) => Object.values(column).join('\0');
  return {
    inputs: [...new Set([...before.inputs, ...after.inputs])],
    outputs: [...new Set([...before.outputs, ...after.outputs])],
    columns: [...new Map(columns.map((column) => [keyOf(column), column])).values()],
  };
}

async function saveRun(
  tx: Db,
  { runId, parent }: ReceivedEvent,
  flows: ReceivedFlows,
): Promise<void> {
  await tx
    .updateTable('open_lineage_run')
    .set({
      ...{ inputs: [...flows.inputs], outputs: [...flows.outputs] },
      columns: postgresJson(flows.columns),
      ...(parent && { parent_run_id: sql`coalesce(parent_run_id, ${parent.runId}::uuid)` }),
    })
    .where('run_id', '=', runId)
    .execute();
}
