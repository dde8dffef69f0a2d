import { sql } from 'kysely';
import {
  decide,
  supersededBy,
  type Asking,
  type Decision,
} from '../../metadata/limits/admission.ts';
import { postgresJson } from '../../runtime/json.ts';
import type { Db } from '../database.ts';
import { beginRun } from '../runs/open-run.ts';
import { announceTurns } from './limit-channel.ts';
import { LOCKS } from '../locks.ts';

/** So many of those who hold a limit are named. */
const NAMED = 5;

/** A run to which others give way. */
export interface GivingWay {
  readonly workflowId: string;
}

export type Admission =
  | { readonly is: 'admitted' }
  | (Extract<Decision, { is: 'waiting' }> & { readonly givingWay: readonly GivingWay[] })
  | Extract<Decision, { is: 'refused' }>;

/**
 * Lets a queued run begin, or writes down why it waits. One run with the same key at a time decides, so
 * that no two take the last place. A second call finds it running, or asks again.
 */
export async function admitRun(
  db: Db,
  id: number,
  temporalRunId: string,
  onLimit: Asking['onLimit'],
): Promise<Admission> {
  return db.transaction().execute(async (tx) => {
    await sql`
      select pg_advisory_xact_lock(${LOCKS.runLimits}, hashtext(concat(pipeline_id, '/', limit_key)))
      from pipeline_execution where id = ${id}`.execute(tx);
    const asking = await findOthers(tx, id, onLimit);
    if (!asking) return { is: 'admitted' };
    const decision = decide(asking);
    if (decision.is === 'admitted') {
      await beginRun(tx, id, temporalRunId);
      return decision;
    }
    await noteReason(tx, id, decision.reason, temporalRunId);
    if (decision.is === 'refused') return decision;
    // Whoever has just made room could not see this run wait yet.
    await announceTurns(tx);
    return { ...decision, givingWay: await giveWay(tx, decision.cancel, id, asking.maxRuns) };
  });
}

/** Undefined: it is not queued any more. */
async function findOthers(
  tx: Db,
  id: number,
  onLimit: Asking['onLimit'],
): Promise<Asking | undefined> {
  const { rows } = await sql<Asking>`
    with me as (
      select e.id, e.pipeline_id, p.name as pipeline, limit_key, limit_runs, priority
      from pipeline_execution e join pipeline p on p.id = e.pipeline_id
      where e.id = ${id} and e.state = 'queued'
    ), other as (
      select o.id, o.state, (o.priority, o.id) < (me.priority, me.id) as before
      from me join pipeline_execution o
        on o.pipeline_id = me.pipeline_id and o.limit_key = me.limit_key and o.id <> me.id
      where o.limit_key is not null
        and (o.state = 'running' or o.state = 'queued' and o.temporal_run_id is not null)
    )
    select me.id, me.pipeline, me.limit_runs as "maxRuns", ${onLimit}::text as "onLimit", count(other.id)::int as others,
      (count(*) filter (where other.state = 'running'))::int as running,
      (count(*) filter (where other.state = 'queued' and other.before))::int as ahead,
      array(select id from other where state = 'running' order by id limit ${NAMED})::float8[] as holders,
      array(select id from other where ${onLimit === 'cancel_oldest'} order by id)::float8[] as oldest
    from me left join other on true
    group by me.id, me.pipeline, me.limit_runs`.execute(tx);
  return rows[0];
}

async function noteReason(tx: Db, id: number, reason: object, temporalRunId: string) {
  await sql`
    update pipeline_execution
    set reason = ${postgresJson(reason)}::jsonb, temporal_run_id = ${temporalRunId}
    where id = ${id} and state = 'queued'`.execute(tx);
}

async function giveWay(
  tx: Db,
  ids: readonly number[],
  to: number,
  maxRuns: number,
): Promise<readonly GivingWay[]> {
  if (ids.length === 0) return [];
  const { rows } = await sql<GivingWay>`
    update pipeline_execution
    set reason = ${postgresJson(supersededBy(to, maxRuns))}::jsonb
    where id = any(${ids}::bigint[]) and state in ('queued', 'running')
    returning workflow_id as "workflowId"`.execute(tx);
  return rows;
}
