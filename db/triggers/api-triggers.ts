import { sql } from 'kysely';
import type { PlannedTrigger } from '../../plan/plan.ts';
import type { Rate } from '../../triggers/api-rule.ts';
import type { Db } from '../database.ts';
import { PREPARED } from '../prepared.ts';

/** A trigger that stands in a file, with what it takes to fire it. */
export interface FiredTrigger {
  readonly id: number;
  readonly name: string;
  readonly pipeline: string;
  readonly paused: boolean;
  readonly definition: PlannedTrigger;
  /** Of its token; null: it has none. */
  readonly sha256: Buffer | null;
}

/** A trigger's id, or its name in its pipeline. */
export type TriggerAddress =
  { readonly id: number } | { readonly pipeline: string; readonly name: string };

export async function findFiredTrigger(
  db: Db,
  address: TriggerAddress,
): Promise<FiredTrigger | undefined> {
  const where =
    'id' in address
      ? sql`t.id = ${address.id}`
      : sql`p.name = ${address.pipeline} and t.name = ${address.name}`;
  const { rows } = await sql<FiredTrigger>`
    ${PREPARED} select t.id, t.name, p.name as pipeline, t.paused, t.definition, k.sha256
    from trigger t join pipeline p on p.id = t.pipeline_id
    left join trigger_token k on k.trigger_id = t.id
    where ${where} and t.removed_at is null`.execute(db);
  return rows[0];
}

/** Gives a trigger this token instead of any before. */
export async function putToken(
  tx: Db,
  triggerId: number,
  sha256: Buffer,
  actor: string,
): Promise<void> {
  await sql`
    insert into trigger_token (trigger_id, sha256, created_by)
    values (${triggerId}, ${sha256}, ${actor})
    on conflict (trigger_id) do update set sha256 = excluded.sha256,
      created_by = excluded.created_by, created_at = clock_timestamp()`.execute(tx);
}

/** False: it has none. */
export async function removeToken(tx: Db, triggerId: number): Promise<boolean> {
  const { numAffectedRows } = await sql`
    delete from trigger_token where trigger_id = ${triggerId}`.execute(tx);
  return numAffectedRows === 1n;
}

/**
 * Takes one from a trigger's bucket, whichever process asks. Answers 0, or the milliseconds until there is
 * one again. The bucket is the moment at which it is full again (GCRA: ITU-T I.371).
 */
export async function takeFromRate(db: Db, triggerId: number, rate: Rate): Promise<number> {
  const oneMs = 1000 / rate.perSecond;
  const allMs = oneMs * rate.burst;
  const later = (ms: number) => sql`${ms} * interval '1 millisecond'`;
  const { rows } = await sql`
    ${PREPARED} insert into trigger_rate as r (trigger_id, full_at)
    values (${triggerId}, clock_timestamp() + ${later(oneMs)})
    on conflict (trigger_id) do update
      set full_at = greatest(r.full_at, clock_timestamp()) + ${later(oneMs)}
      where greatest(r.full_at, clock_timestamp()) + ${later(oneMs)} <= clock_timestamp() + ${later(allMs)}
    returning 1`.execute(db);
  if (rows.length > 0) return 0;
  const left = await sql<{ ms: number }>`
    select extract(epoch from full_at - clock_timestamp())::float8 * 1000 as ms
    from trigger_rate where trigger_id = ${triggerId}`.execute(db);
  return Math.max(1, (left.rows[0]?.ms ?? 0) + oneMs - allMs);
}
