import { sql, type Updateable } from 'kysely';
import { Fault } from '../../runtime/fault.ts';
import type { Db } from '../database.ts';
import { addPipeline } from './add-pipeline.ts';
import { findOrAddPipelineType, type Named } from './pipeline-types.ts';
import type { Pipeline } from '../schema.generated.ts';
import { offerNextWatermark } from '../reports/reported-watermark.ts';
import { setWatermark } from '../watermarks/watermarks.ts';

/** A file defines it. */
const IS_OURS = sql<boolean>`(current_version is not null and removed_at is null)`;

/** A pipeline as whoever runs it elsewhere declares it. */
export interface Declaration {
  readonly name: string;
  readonly typeName: string;
  /** The columns that were sent; the others keep their values. */
  readonly settings: Updateable<Pipeline>;
  /** Of everything that was sent but the next watermark. */
  readonly hash: string;
  readonly nextWatermark: string | null;
  /** Whether a new pipeline is checked for anomalies from the start. */
  readonly autoRules: boolean;
}

export interface Declared {
  readonly id: number;
  readonly active: boolean;
  readonly load_lineage: boolean;
  readonly watermark: string | null;
  readonly created: boolean;
}

/**
 * Makes a pipeline, or brings it up to a new declaration; the same one again writes nothing. Settings of a
 * pipeline that a file defines are the file's.
 */
export async function declarePipeline(db: Db, declaration: Declaration): Promise<Declared> {
  const known = await findDeclared(db, declaration.name);
  if (!known) {
    const created = await createPipeline(db, declaration);
    return created ?? declarePipeline(db, declaration);
  }
  const { id, active, load_lineage, watermark, input_hash, is_ours } = known;
  const { nextWatermark, hash } = declaration;
  if (input_hash !== hash && !is_ours) await updatePipeline(db, id, declaration);
  if (nextWatermark !== null) await nameNextWatermark(db, id, nextWatermark);
  return {
    ...{ id, active, load_lineage, created: false },
    watermark: nextWatermark === null ? null : watermark,
  };
}

async function findDeclared(db: Db, name: string) {
  return db
    .selectFrom('pipeline')
    .select(['id', 'active', 'load_lineage', 'watermark', 'input_hash'])
    .select(IS_OURS.as('is_ours'))
    .where('name', '=', name)
    .executeTakeFirst();
}

/** Undefined: somebody else was quicker. */
async function createPipeline(db: Db, declaration: Declaration): Promise<Declared | undefined> {
  const { name, typeName, settings, hash, nextWatermark, autoRules } = declaration;
  return db.transaction().execute(async (tx) => {
    const type = await findOrAddPipelineType(tx, { name: typeName });
    const row = {
      ...{ ...settings, name, pipeline_type_id: type.id },
      ...{ input_hash: hash, next_watermark: nextWatermark },
    };
    const added = await addPipeline(tx, row, autoRules);
    return added && { ...added, watermark: null, created: true };
  });
}

async function updatePipeline(db: Db, id: number, declaration: Declaration): Promise<void> {
  const { typeName, settings, hash } = declaration;
  const type = await findOrAddPipelineType(db, { name: typeName });
  await db
    .updateTable('pipeline')
    .set({ ...settings, pipeline_type_id: type.id, input_hash: hash, updated_at: sql`now()` })
    .where('id', '=', id)
    .execute();
}

/** What executions that begin from now on promote, unless they name one themselves. */
async function nameNextWatermark(db: Db, id: number, next: string): Promise<void> {
  await db.updateTable('pipeline').set({ next_watermark: next }).where('id', '=', id).execute();
}

const COLUMNS = [
  ...(['id', 'name', 'pipeline_type_id', 'watermark', 'next_watermark'] as const),
  ...(['pipeline_metadata', 'last_target_insert', 'last_target_update'] as const),
  ...(['last_target_soft_delete', 'freshness_number', 'freshness_datepart'] as const),
  ...(['mute_freshness_check', 'timeliness_number', 'timeliness_datepart'] as const),
  ...(['mute_timeliness_check', 'load_lineage', 'active', 'input_hash'] as const),
  ...(['created_at', 'updated_at'] as const),
];

export async function listPipelines(db: Db) {
  return db.selectFrom('pipeline').select(COLUMNS).orderBy('id').execute();
}

export async function findPipeline(db: Db, id: number) {
  return db.selectFrom('pipeline').select(COLUMNS).where('id', '=', id).executeTakeFirst();
}

/**
 * Undefined: there is none. A taken name or an unknown type is refused by its constraint, another name for a
 * pipeline that a file defines is `request.conflict`: under its old one it would begin anew.
 */
export async function changePipeline(db: Db, which: Named, patch: Updateable<Pipeline>) {
  const { watermark, ...columns } = patch;
  return db.transaction().execute(async (tx) => {
    if ('id' in which) await refuseRenaming(tx, which.id, columns.name);
    const found = await tx
      .updateTable('pipeline')
      .set({ ...columns, updated_at: sql`now()` })
      .$if('id' in which, (query) => query.where('id', '=', 'id' in which ? which.id : 0))
      .$if('name' in which, (query) => query.where('name', '=', 'name' in which ? which.name : ''))
      .returning('id')
      .executeTakeFirst();
    if (!found) return undefined;
    const { next_watermark } = columns;
    if (next_watermark !== undefined) await offerNextWatermark(tx, found.id, next_watermark);
    if (watermark !== undefined) {
      const setting = { value: watermark, actor: 'reported', reason: 'PATCH /pipeline' };
      await setWatermark(tx, { pipelineId: found.id, ...setting });
    }
    return findPipeline(tx, found.id);
  });
}

async function refuseRenaming(tx: Db, id: number, name: string | undefined): Promise<void> {
  if (name === undefined) return;
  const ours = await tx
    .selectFrom('pipeline')
    .select('name')
    .where('id', '=', id)
    .where('name', '<>', name)
    .where(IS_OURS)
    .forUpdate()
    .executeTakeFirst();
  if (ours)
    throw new Fault('request.conflict', `The file of ${ours.name} names it: rename the file`);
}
