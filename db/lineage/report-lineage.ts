import { saveAddress, type AddressInput, type SavedAddress } from './addresses.ts';
import type { Db } from '../database.ts';
import { crossed, lockPipeline, replaceEdges } from './edges.ts';

export interface ReportedLineage {
  readonly pipelineId: number;
  readonly sources: readonly AddressInput[];
  readonly targets: readonly AddressInput[];
}

export interface LineageAnswer {
  readonly edges: number;
  /** Whether an edge is new; of addresses without edges, whether one of them is. */
  readonly created: boolean;
}

/**
 * Makes every source flow into every target, and nothing else, through a pipeline. Undefined: there is
 * no such pipeline, it takes no lineage now, or its lineage is found in its own file.
 */
export async function reportLineage(
  db: Db,
  { pipelineId, sources, targets }: ReportedLineage,
): Promise<LineageAnswer | undefined> {
  const takes = await db
    .selectFrom('pipeline')
    .select('load_lineage')
    .where('id', '=', pipelineId)
    .where((where) =>
      where.or([where('current_version', 'is', null), where('removed_at', 'is not', null)]),
    )
    .executeTakeFirst();
  if (!takes?.load_lineage) return undefined;
  const [from, to] = [await saveAll(db, sources), await saveAll(db, targets)];
  const edges = crossed(idsOf(from), idsOf(to));
  const added = await db.transaction().execute(async (tx) => {
    await lockPipeline(tx, pipelineId);
    return replaceEdges(tx, pipelineId, edges);
  });
  // A new address has a new edge, and of those who name it at once one makes the edges: only that one is told so.
  const created =
    edges.length > 0 ? added > 0 : [...from, ...to].some((address) => address.created);
  return { edges: edges.length, created };
}

async function saveAll(db: Db, addresses: readonly AddressInput[]): Promise<SavedAddress[]> {
  const saved = [];
  for (const address of addresses) saved.push(await saveAddress(db, address));
  return saved;
}

function idsOf(addresses: readonly SavedAddress[]): number[] {
  return addresses.map(({ id }) => id);
}
