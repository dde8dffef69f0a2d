import { sql, type Updateable } from 'kysely';
import type { Plan } from '../../plan/plan.ts';
import { postgresJson } from '../../runtime/json.ts';
import type { Db } from '../database.ts';
import { addPipeline } from './add-pipeline.ts';
import { findOrAddPipelineType } from './pipeline-types.ts';
import type { Pipeline } from '../schema.generated.ts';

/** What a file may say of its pipeline, or leave to whoever uses the API. */
const UNSAID = {
  freshness_number: null,
  freshness_datepart: null,
  mute_freshness_check: false,
  timeliness_number: null,
  timeliness_datepart: null,
  mute_timeliness_check: false,
  pipeline_metadata: null,
  active: true,
} as const satisfies Updateable<Pipeline>;

type Said = Pick<Updateable<Pipeline>, keyof typeof UNSAID>;

/** Whose file it is. */
interface Definer {
  readonly project: string;
  /** Whether a new pipeline is checked for anomalies from the start. */
  readonly autoRules: boolean;
}

interface DefinedPipeline {
  readonly id: number;
  /** It was reported from elsewhere until now. */
  readonly takenOver: boolean;
}

/**
 * Brings a pipeline's row up to its file. What the file says counts; what it doesn't say stays as it was
 * set over the API, unless the file said it before. A reported pipeline is taken over, with its
 * executions and its watermark, and its row tells what was declared until then.
 */
export async function definePipeline(
  tx: Db,
  plan: Plan,
  { project, autoRules }: Definer,
): Promise<DefinedPipeline> {
  const type = await findOrAddPipelineType(tx, { name: plan.type.trim().toLowerCase() });
  const always = {
    ...{ project, removed_at: null, pipeline_type_id: type.id },
    ...{ description: plan.description, tags: [...plan.tags], ...keptBy(plan) },
  };
  const known = await findDefined(tx, plan.pipeline);
  if (!known) {
    const row = { name: plan.pipeline, ...always, ...saidBy(plan), defined_at: sql<Date>`now()` };
    const added = await addPipeline(tx, row, autoRules);
    if (!added) return definePipeline(tx, plan, { project, autoRules });
    return { id: added.id, takenOver: false };
  }
  const { id, defined, plan: before, ...declared } = known;
  const takeover = {
    defined_at: sql<Date>`now()`,
    taken_over_at: sql<Date>`now()`,
    taken_over_from: postgresJson(declared),
  };
  await tx
    .updateTable('pipeline')
    .set({ ...always, ...unsaidSince(before as Plan | null), ...saidBy(plan) })
    .$if(!defined, (query) => query.set(takeover))
    .where('id', '=', id)
    .execute();
  return { id, takenOver: !defined };
}

async function findDefined(tx: Db, name: string) {
  return tx
    .selectFrom('pipeline as p')
    .innerJoin('pipeline_type as t', 't.id', 'p.pipeline_type_id')
    .leftJoin('pipeline_version as v', 'v.hash', 'p.current_version')
    .select(['p.id', 'v.plan', 't.name as type', 'p.active', 'p.pipeline_metadata as metadata'])
    .select(['p.freshness_number', 'p.freshness_datepart', 'p.mute_freshness_check'])
    .select(['p.timeliness_number', 'p.timeliness_datepart', 'p.mute_timeliness_check'])
    .select(sql<boolean>`p.defined_at is not null`.as('defined'))
    .where('p.name', '=', name)
    .forUpdate('p')
    .executeTakeFirst();
}

function saidBy({ freshness, timeliness, metadata, active, mute }: Plan): Said {
  return {
    ...(freshness && {
      freshness_number: freshness.number,
      freshness_datepart: freshness.datepart,
    }),
    ...(timeliness && {
      timeliness_number: timeliness.number,
      timeliness_datepart: timeliness.datepart,
    }),
    ...(metadata && { pipeline_metadata: postgresJson(metadata) }),
    ...(active !== undefined && { active }),
    ...(mute && {
      mute_freshness_check: mute.includes('freshness'),
      mute_timeliness_check: mute.includes('timeliness'),
    }),
  };
}

/** What the file said before goes with it, unless it says it again. */
function unsaidSince(before: Plan | null): Said {
  const said = new Set(Object.keys(before ? saidBy(before) : {}));
  return Object.fromEntries(Object.entries(UNSAID).filter(([column]) => said.has(column)));
}

function keptBy({ retention = {} }: Plan) {
  const seconds = (ms: number | undefined) => (ms === undefined ? null : Math.ceil(ms / 1000));
  return {
    keep_runs_s: seconds(retention.runsMs),
    keep_logs_s: seconds(retention.logsMs),
    keep_artifacts_s: seconds(retention.artifactsMs),
  };
}

/**
 * Marks the pipelines of a project whose files are gone; their rows and runs stay, their lineage goes, and
 * nothing makes them run by itself any more.
 * Answers their names.
 */
export async function markRemoved(
  db: Db,
  project: string,
  names: readonly string[],
  actor: string,
): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    with removed as (
      update pipeline set removed_at = now(), lineage_version = null
      where project = ${project} and removed_at is null and name <> all(${names}::text[])
      returning id, name
    ), gone as (
      delete from address_lineage l using removed r where l.pipeline_id = r.id
    ), stopped as (
      update trigger t set removed_at = clock_timestamp(), updated_at = clock_timestamp()
      from removed r where t.pipeline_id = r.id and t.removed_at is null
      returning r.name as pipeline, t.name as trigger
    ), told as (
      insert into trigger_change (pipeline, trigger, action, actor)
      select pipeline, trigger, 'removed', ${actor} from stopped
    )
    select name from removed`.execute(db);
  return rows.map(({ name }) => name);
}

/** Where a pipeline's row comes from. */
export interface Origin {
  readonly active: boolean;
  readonly metadata: unknown;
  readonly removed_at: Date | null;
  readonly taken_over_at: Date | null;
  readonly taken_over_from: unknown;
}

/** Undefined: no sound file of this name was ever registered, and nobody reported one. */
export async function findOrigin(db: Db, name: string): Promise<Origin | undefined> {
  return db
    .selectFrom('pipeline')
    .select(['active', 'pipeline_metadata as metadata', 'removed_at'])
    .select(['taken_over_at', 'taken_over_from'])
    .where('name', '=', name)
    .executeTakeFirst();
}
