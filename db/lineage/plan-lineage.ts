import { addressOf, type Dataset } from '../../plan/lineage/dataset.ts';
import type { PlanLineage } from '../../plan/lineage/plan-lineage.ts';
import type { Hash } from '../../plan/plan.ts';
import { postgresJson } from '../../runtime/json.ts';
import { ensureAddressType } from './address-types.ts';
import type { Db } from '../database.ts';
import { replaceEdges, type Edge } from './edges.ts';

const LONGEST_NAME = 600;
const LONGEST_PART = 200;

/** Whether the edges of this plan's pipeline are those of this lineage already, or it runs another plan now. */
export async function isRecorded(db: Db, plan: Hash, lineageVersion: string): Promise<boolean> {
  const row = await db
    .selectFrom('pipeline')
    .select('lineage_version')
    .where('current_version', '=', plan)
    .executeTakeFirst();
  return !row || row.lineage_version === lineageVersion;
}

export async function findPlanLineage(db: Db, plan: Hash): Promise<PlanLineage | undefined> {
  const row = await db
    .selectFrom('plan_lineage')
    .select('lineage')
    .where('version_hash', '=', plan)
    .executeTakeFirst();
  return row?.lineage as unknown as PlanLineage | undefined;
}

/** Keeps what the runs of a plan read and write, and makes it its pipeline's edges while it is the current one. */
export async function recordPlanLineage(
  db: Db,
  plan: Hash,
  lineageVersion: string,
  lineage: PlanLineage,
): Promise<void> {
  const ids = await ensureAddresses(db, lineage.datasets);
  const stored = { version_hash: plan, lineage: postgresJson(lineage) };
  await db.transaction().execute(async (tx) => {
    const pipeline = await tx
      .selectFrom('pipeline')
      .select('id')
      .where('current_version', '=', plan)
      .forNoKeyUpdate()
      .executeTakeFirst();
    await tx
      .insertInto('plan_lineage')
      .values(stored)
      .onConflict((conflict) => conflict.column('version_hash').doUpdateSet(stored))
      .execute();
    if (!pipeline) return;
    await replaceEdges(tx, pipeline.id, edgesOf(lineage, ids));
    await tx
      .updateTable('pipeline')
      .set({ lineage_version: lineageVersion })
      .where('id', '=', pipeline.id)
      .execute();
  });
}

function edgesOf({ outputs }: PlanLineage, ids: ReadonlyMap<string, number>): Edge[] {
  return outputs.flatMap(({ address, sources, columns }) =>
    sources.flatMap((name): Edge[] => {
      const [source, target] = [ids.get(name), ids.get(address)];
      if (source === undefined || target === undefined) return [];
      return [{ source, target, columns: columns.filter((each) => each.source === name) }];
    }),
  );
}

/** Finds addresses by their names, or adds them. One that somebody has described already stays as it is. */
export async function ensureAddresses(
  db: Db,
  datasets: readonly Dataset[],
): Promise<Map<string, number>> {
  const named = new Map(datasets.map((dataset) => [addressOf(dataset), dataset]));
  const ids = new Map<string, number>();
  for (const [name, dataset] of named) {
    if (name.length > LONGEST_NAME) continue;
    ids.set(name, await ensureAddress(db, name, dataset));
  }
  return ids;
}

async function ensureAddress(db: Db, name: string, dataset: Dataset): Promise<number> {
  const find = db.selectFrom('address').select('id').where('name', '=', name);
  const known = await find.executeTakeFirst();
  if (known) return known.id;
  const type = { name: dataset.type, group_name: dataset.group };
  const { id: typeId } = await ensureAddressType(db, type);
  const added = await db
    .insertInto('address')
    .values({
      ...{ name, address_type_id: typeId },
      database_name: partOf(dataset.database),
      schema_name: partOf(dataset.schema),
      table_name: partOf(dataset.table),
    })
    .onConflict((conflict) => conflict.column('name').doNothing())
    .returning('id')
    .executeTakeFirst();
  return added?.id ?? (await find.executeTakeFirstOrThrow()).id;
}

function partOf(text: string | undefined): string | null {
  return text === undefined || text.length > LONGEST_PART ? null : text;
}
