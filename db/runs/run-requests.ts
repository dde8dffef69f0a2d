import { sql } from 'kysely';
import type { RunLimit } from '../../plan/limit.ts';
import type { Hash } from '../../plan/plan.ts';
import type { JsonObject } from '../../runtime/json.ts';
import type { Db } from '../database.ts';
import { PREPARED } from '../prepared.ts';

export const NORMAL_PRIORITY = 3;

/** Why and for when a run is asked for. */
export interface RunCause {
  /** `api`, `schedule`, `event`, `backfill`, … */
  readonly trigger: string;
  readonly triggerId?: number;
  /** Who asks for it by hand; of a trigger's run that goes on record with the trigger's changes, too. */
  readonly startedBy?: string;
  /** ISO 8601, as the interval: the time that it stands for, which may be long ago. */
  readonly scheduledAt?: string;
  /** The data that it is about: from the start up to, but without, the end. */
  readonly interval?: { readonly start: string; readonly end: string };
  /** 1 goes first, 5 last; 3 when left out. */
  readonly priority?: number;
}

/** A run that somebody asks for; its params are resolved and checked. */
export interface RunRequest {
  readonly pipelineId: number;
  readonly pipeline: string;
  readonly plan: Hash;
  readonly params: JsonObject;
  readonly fullLoad: boolean;
  readonly limit: RunLimit | null;
  readonly cause: RunCause;
  /** Makes its workflow id unlike that of any other database's run. */
  readonly salt: string;
  /** A second request with the same key finds the first one's run. */
  readonly key: RequestKey | null;
  /** Whether whoever asks brings it to Temporal at once, and not the queue. */
  readonly claimed: boolean;
}

export interface RequestKey {
  readonly value: string;
  /** Of what was asked for, so that the same key with another question is noticed. */
  readonly hash: Hash;
}

/** The run that was asked for with this key before. */
export async function findRequest(db: Db, pipeline: string, key: string) {
  return db
    .selectFrom('pipeline_execution as e')
    .innerJoin('pipeline as p', 'p.id', 'e.pipeline_id')
    .select(['e.id', 'e.request_hash as hash'])
    .where('p.name', '=', pipeline)
    .where('e.idempotency_key', '=', key)
    .executeTakeFirst();
}

/** A run's identity in both of its homes. */
export interface InsertedRun {
  readonly id: number;
  readonly workflowId: string;
}

/** Commits a queued run. Undefined: another request with the same key was quicker. */
export async function insertRequest(db: Db, request: RunRequest): Promise<InsertedRun | undefined> {
  const { pipeline, pipelineId, plan, params, fullLoad, limit, cause, salt, key, claimed } =
    request;
  const { rows } = await sql<InsertedRun>`
    ${PREPARED} with next as (select nextval(pg_get_serial_sequence('pipeline_execution', 'id')) as id),
    run as (
      insert into pipeline_execution (id, pipeline_id, state, version_hash, workflow_id,
        trigger_kind, trigger_id, scheduled_at, interval_start, interval_end, priority, params,
        full_load, limit_key, limit_runs, idempotency_key, request_hash, requested_by,
        dispatched_at)
      overriding system value
      select id, ${pipelineId}, 'queued', ${plan}, concat(${pipeline}::text, '/', id, '-', ${salt}::text),
        ${cause.trigger}, ${cause.triggerId ?? null}::int, ${cause.scheduledAt ?? null}::timestamptz,
        ${cause.interval?.start ?? null}::timestamptz, ${cause.interval?.end ?? null}::timestamptz,
        ${cause.priority ?? NORMAL_PRIORITY}, ${JSON.stringify(params)}::jsonb, ${fullLoad},
        ${limit?.key ?? null}, ${limit?.maxRuns ?? null},
        ${key?.value ?? null}, ${key?.hash ?? null}, ${cause.startedBy ?? null},
        case when ${claimed}::boolean then clock_timestamp() end
      from next
      on conflict (pipeline_id, idempotency_key) where idempotency_key is not null do nothing
      returning id, workflow_id
    ), itself as (
      insert into pipeline_execution_closure (parent_execution_id, child_execution_id, depth)
      select id, id, 0 from run
    ), told as (
      insert into trigger_change (pipeline, trigger, action, actor, details)
      select ${pipeline}, t.name, 'started', ${cause.startedBy ?? null}, jsonb_build_object('run', run.id)
      from run join trigger t on t.id = ${cause.triggerId ?? null}::int
      where ${cause.startedBy ?? null}::text is not null
    )
    select id, workflow_id as "workflowId" from run`.execute(db);
  return rows[0];
}
