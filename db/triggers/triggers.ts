import { sql, type RawBuilder } from 'kysely';
import type { PlannedTrigger } from '../../plan/plan.ts';
import type { Db } from '../database.ts';
import type { TriggerAddress } from './api-triggers.ts';

/** A trigger that stands in a file now. */
export interface TriggerRecord {
  readonly id: number;
  readonly pipelineId: number;
  readonly pipeline: string;
  readonly project: string | null;
  readonly name: string;
  readonly definition: PlannedTrigger;
  readonly paused: boolean;
  /** What somebody wrote who paused or resumed it. */
  readonly note: string | null;
  readonly createdAt: Date;
  /** When its definition changed, or when it was paused or resumed. */
  readonly updatedAt: Date;
  /** Of a schedule: when its times or its catch-up changed, or when it was paused or resumed. */
  readonly timesSince: Date;
  /** Of a schedule: the hash of what Temporal was told, and when. */
  readonly deployedHash: string | null;
  readonly deployedAt: Date | null;
  /** The newest missed fire time that was made up for. */
  readonly caughtUpTo: Date | null;
}

const COLUMNS = sql`t.id, t.pipeline_id as "pipelineId", p.name as pipeline, p.project, t.name,
  t.definition, t.paused, t.note, t.created_at as "createdAt", t.updated_at as "updatedAt",
  t.times_since as "timesSince", t.deployed_hash as "deployedHash", t.deployed_at as "deployedAt", t.caught_up_to as "caughtUpTo"`;

export interface TriggerFilter {
  readonly pipeline?: string | undefined;
  readonly name?: string | undefined;
  readonly kind?: string | undefined;
  readonly project?: string | undefined;
}

/** Ordered by pipeline and name. */
export async function listTriggers(db: Db, filter: TriggerFilter = {}): Promise<TriggerRecord[]> {
  const wanted: RawBuilder<unknown>[] = [sql`true`];
  if (filter.pipeline !== undefined) wanted.push(sql`p.name = ${filter.pipeline}`);
  if (filter.name !== undefined) wanted.push(sql`t.name = ${filter.name}`);
  if (filter.kind !== undefined) wanted.push(sql`t.kind = ${filter.kind}`);
  if (filter.project !== undefined) wanted.push(sql`p.project = ${filter.project}`);
  return select(db, sql.join(wanted, sql` and `));
}

export async function findTrigger(
  db: Db,
  address: TriggerAddress,
): Promise<TriggerRecord | undefined> {
  const [found] = await select(
    db,
    'id' in address
      ? sql`t.id = ${address.id}`
      : sql`p.name = ${address.pipeline} and t.name = ${address.name}`,
  );
  return found;
}

async function select(db: Db, condition: RawBuilder<unknown>): Promise<TriggerRecord[]> {
  const { rows } = await sql<TriggerRecord>`
    select ${COLUMNS} from trigger t join pipeline p on p.id = t.pipeline_id
    where t.removed_at is null and p.removed_at is null and ${condition}
    order by p.name, t.name`.execute(db);
  return rows;
}

/** Says of schedules what Temporal has been told. */
export async function markDeployed(
  db: Db,
  deployed: readonly { readonly id: number; readonly hash: string }[],
): Promise<void> {
  if (deployed.length === 0) return;
  await sql`
    update trigger t set deployed_hash = d.hash, deployed_at = clock_timestamp()
    from jsonb_to_recordset(${JSON.stringify(deployed)}::jsonb) as d(id int, hash text)
    where t.id = d.id`.execute(db);
}

/**
 * Pauses or resumes. Failures before it is resumed count no more. False: it was so already, and if paused with the same
 * note. With `before`, only what nobody has changed since then changes.
 */
export async function setPaused(
  tx: Db,
  id: number,
  { paused, note }: { readonly paused: boolean; readonly note: string | null },
  before: Date | null = null,
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    update trigger set paused = ${paused}, note = ${note}, updated_at = clock_timestamp(),
      times_since = case when paused = ${paused} then times_since else clock_timestamp() end,
      failures_from = case when ${paused} then failures_from else clock_timestamp() end
    where id = ${id} and removed_at is null
      and (paused <> ${paused} or paused and note is distinct from ${note}::text)
      and (${before}::timestamptz is null or updated_at < ${before}::timestamptz)`.execute(tx);
  return numAffectedRows === 1n;
}
