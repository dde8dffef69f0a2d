import { sql } from 'kysely';
import type { BlockSource, Compiled, Hash, Plan } from '../plan/plan.ts';
import { Fault } from '../runtime/fault.ts';
import { declareRules } from './anomaly-rules.ts';
import type { Db } from './database.ts';

const LOCK = 726_394_010;

export interface RegisteredPlan {
  readonly pipelineId: number;
  readonly hash: Hash;
}

/**
 * Stores a plan, the plans of its sub-pipelines and their sources, and makes each its pipeline's
 * current version. Registering the same plan again changes nothing.
 */
export async function registerPlan(db: Db, compiled: Compiled): Promise<RegisteredPlan> {
  return db.transaction().execute(async (tx) => {
    // Two projects that share sub-pipelines would otherwise wait for each other's rows.
    await sql`select pg_advisory_xact_lock(${LOCK})`.execute(tx);
    return register(tx, compiled);
  });
}

async function register(tx: Db, { plan, sources, children }: Compiled): Promise<RegisteredPlan> {
  for (const child of children) await register(tx, child);
  await insertSources(tx, sources);
  const pipelineId = await upsertPipeline(tx, plan);
  await declareRules(tx, pipelineId, plan.anomalies ?? []);
  await tx
    .insertInto('pipeline_version')
    .values({ hash: plan.hash, pipeline_id: pipelineId, plan: JSON.stringify(plan) })
    .onConflict((conflict) => conflict.column('hash').doNothing())
    .execute();
  await tx
    .updateTable('pipeline')
    .set({ current_version: plan.hash, updated_at: sql`now()` })
    .where('id', '=', pipelineId)
    .where('current_version', 'is distinct from', plan.hash)
    .execute();
  return { pipelineId, hash: plan.hash };
}

async function insertSources(tx: Db, sources: readonly BlockSource[]): Promise<void> {
  if (sources.length === 0) return;
  await tx
    .insertInto('block_source')
    .values(sources.map((source) => ({ ...source, files: JSON.stringify(source.files) })))
    .onConflict((conflict) => conflict.column('hash').doNothing())
    .execute();
}

/** The row is written only when the definition says something else than before. */
async function upsertPipeline(tx: Db, plan: Plan): Promise<number> {
  const typeId = await findOrAddType(tx, plan.type);
  const described = {
    pipeline_type_id: typeId,
    description: plan.description,
    tags: [...plan.tags],
    freshness_number: plan.freshness?.number ?? null,
    freshness_datepart: plan.freshness?.datepart ?? null,
    timeliness_number: plan.timeliness?.number ?? null,
    timeliness_datepart: plan.timeliness?.datepart ?? null,
    ...keptBy(plan),
  };
  const { id } = await tx
    .insertInto('pipeline')
    .values({ name: plan.pipeline, ...described })
    .onConflict((conflict) => conflict.column('name').doUpdateSet(described))
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}

function keptBy({ retention = {} }: Plan) {
  const seconds = (ms: number | undefined) => (ms === undefined ? null : Math.ceil(ms / 1000));
  return {
    keep_runs_s: seconds(retention.runsMs),
    keep_logs_s: seconds(retention.logsMs),
    keep_artifacts_s: seconds(retention.artifactsMs),
  };
}

async function findOrAddType(tx: Db, name: string): Promise<number> {
  const find = tx.selectFrom('pipeline_type').select('id').where('name', '=', name);
  const found = await find.executeTakeFirst();
  if (found) return found.id;
  await tx
    .insertInto('pipeline_type')
    .values({ name })
    .onConflict((conflict) => conflict.column('name').doNothing())
    .execute();
  return (await find.executeTakeFirstOrThrow()).id;
}

/** The plan that runs of this pipeline start with now; undefined when none was ever registered. */
export async function findCurrentHash(db: Db, pipeline: string): Promise<Hash | undefined> {
  const row = await db
    .selectFrom('pipeline')
    .select('current_version')
    .where('name', '=', pipeline)
    .executeTakeFirst();
  return row?.current_version ?? undefined;
}

/** By pipeline: its row and the hash of its current plan. */
export async function listCurrentPlans(db: Db): Promise<Map<string, RegisteredPlan>> {
  const rows = await db.selectFrom('pipeline').select(['id', 'name', 'current_version']).execute();
  return new Map(
    rows.map(({ id, name, current_version }) => [
      name,
      { pipelineId: id, hash: current_version ?? '' },
    ]),
  );
}

export async function getPlan(db: Db, hash: Hash): Promise<Plan> {
  const row = await db
    .selectFrom('pipeline_version')
    .select('plan')
    .where('hash', '=', hash)
    .executeTakeFirst();
  if (!row) throw new Fault('plan.not_found', `No plan ${hash}: its version was removed`);
  return row.plan as unknown as Plan;
}

export async function getSource(db: Db, hash: Hash): Promise<BlockSource> {
  const row = await db
    .selectFrom('block_source')
    .select(['hash', 'language', 'entry', 'files'])
    .where('hash', '=', hash)
    .executeTakeFirst();
  if (!row) throw new Fault('plan.not_found', `No source ${hash}: its version was removed`);
  return row as unknown as BlockSource;
}
