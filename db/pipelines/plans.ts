import { sql } from 'kysely';
import type { BlockSource, Compiled, Hash, Plan } from '../../plan/plan.ts';
import { Fault } from '../../runtime/fault.ts';
import { declareRules } from '../anomalies/rules.ts';
import type { Db } from '../database.ts';
import { definePipeline } from './defined-pipelines.ts';
import { declareTriggers } from '../triggers/declare.ts';
import { LOCKS } from '../locks.ts';

export interface RegisteredPlan {
  readonly pipelineId: number;
  readonly hash: Hash;
  /** By name: the one whose pools its blocks take. */
  readonly project: string;
}

/** Whether this is what is registered, and for this project. */
export function isRegistered(
  known: RegisteredPlan | undefined,
  { hash }: Pick<Plan, 'hash'>,
  project: string,
): boolean {
  return known?.hash === hash && known.project === project;
}

/** Where a plan comes from, and what its pipeline gets when it is new. */
interface PlanOrigin {
  readonly project: string;
  readonly autoRules: boolean;
  /** Who registers it. */
  readonly actor: string;
}

export interface Registration extends RegisteredPlan {
  /** Pipelines that were reported from elsewhere until now, and are the project's from now on. */
  readonly takenOver: readonly string[];
}

/**
 * Stores a plan, the plans of its sub-pipelines and their sources, and makes each its pipeline's
 * current version. Registering the same plan again changes nothing.
 */
export async function registerPlan(
  db: Db,
  compiled: Compiled,
  origin: PlanOrigin,
): Promise<Registration> {
  return db.transaction().execute(async (tx) => {
    // Two projects that share sub-pipelines would otherwise wait for each other's rows.
    await sql`select pg_advisory_xact_lock(${LOCKS.plans})`.execute(tx);
    return register(tx, compiled, origin);
  });
}

async function register(
  tx: Db,
  { plan, sources, children }: Compiled,
  origin: PlanOrigin,
): Promise<Registration> {
  const below: string[] = [];
  for (const child of children) below.push(...(await register(tx, child, origin)).takenOver);
  await insertSources(tx, sources);
  const { id: pipelineId, takenOver } = await definePipeline(tx, plan, origin);
  await declareRules(tx, pipelineId, plan.anomalies ?? []);
  const { pipeline, triggers = [] } = plan;
  await declareTriggers(tx, { pipelineId, pipeline, triggers, actor: origin.actor });
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
  const registered = { pipelineId, hash: plan.hash, project: origin.project };
  return { ...registered, takenOver: takenOver ? [...below, plan.pipeline] : below };
}

async function insertSources(tx: Db, sources: readonly BlockSource[]): Promise<void> {
  if (sources.length === 0) return;
  await tx
    .insertInto('block_source')
    .values(sources.map((source) => ({ ...source, files: JSON.stringify(source.files) })))
    .onConflict((conflict) => conflict.column('hash').doNothing())
    .execute();
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

export interface CurrentPlan {
  readonly pipelineId: number;
  readonly plan: Plan;
}

/**
 * A pipeline of a project, or of any when that is null, with the plan that its runs start with now; undefined when it
 * has none, or its file is gone.
 */
export async function findCurrentPlan(
  db: Db,
  pipeline: string,
  project: string | null,
): Promise<CurrentPlan | undefined> {
  const row = await db
    .selectFrom('pipeline as p')
    .innerJoin('pipeline_version as v', 'v.hash', 'p.current_version')
    .select(['p.id', 'v.plan'])
    .where('p.name', '=', pipeline)
    .where('p.removed_at', 'is', null)
    .$if(project !== null, (query) => query.where('p.project', '=', project))
    .executeTakeFirst();
  return row && { pipelineId: row.id, plan: row.plan as unknown as Plan };
}

/** By pipeline: its row, its project and the hash of its current plan. Those whose files are gone have none. */
export async function listCurrentPlans(db: Db): Promise<Map<string, RegisteredPlan>> {
  const rows = await db
    .selectFrom('pipeline')
    .select(['id', 'name', 'current_version', 'project'])
    .where('removed_at', 'is', null)
    .execute();
  return new Map(
    rows.map(({ id, name, current_version, project }) => [
      name,
      { pipelineId: id, hash: current_version ?? '', project: project ?? '' },
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
