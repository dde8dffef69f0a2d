import { sql } from 'kysely';
import type { Hash } from '../plan/plan.ts';
import type { JsonObject } from '../runtime/json.ts';
import { announce } from './close-run.ts';
import type { Db } from './database.ts';
import { insertClosure } from './open-run.ts';

/** A run that somebody asks for; its params are resolved and checked. */
export interface RunRequest {
  readonly pipelineId: number;
  readonly pipeline: string;
  readonly plan: Hash;
  readonly params: JsonObject;
  readonly fullLoad: boolean;
  readonly trigger: string;
  /** Makes its workflow id unlike that of any other database's run. */
  readonly salt: string;
  /** A second request with the same key finds the first one's run. */
  readonly key: RequestKey | null;
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

/** Commits a queued run. Undefined: another request with the same key was quicker. */
export async function insertRequest(db: Db, request: RunRequest): Promise<number | undefined> {
  const { pipeline, pipelineId, plan, params, fullLoad, trigger, salt, key } = request;
  return db.transaction().execute(async (tx) => {
    const { rows } = await sql<{ id: number }>`
      with next as (select nextval(pg_get_serial_sequence('pipeline_execution', 'id')) as id)
      insert into pipeline_execution (id, pipeline_id, state, version_hash, workflow_id,
        trigger_kind, params, full_load, idempotency_key, request_hash)
      overriding system value
      select id, ${pipelineId}, 'queued', ${plan}, concat(${pipeline}::text, '/', id, '-', ${salt}::text),
        ${trigger}, ${JSON.stringify(params)}::jsonb, ${fullLoad}, ${key?.value ?? null},
        ${key?.hash ?? null}
      from next
      on conflict (pipeline_id, idempotency_key) do nothing
      returning id`.execute(tx);
    const id = rows[0]?.id;
    if (id === undefined) return undefined;
    await insertClosure(tx, id, undefined);
    await announce(tx, id);
    return id;
  });
}
