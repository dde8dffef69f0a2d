import { sql } from 'kysely';
import { postgresJson } from '../../runtime/json.ts';
import type { Db } from '../database.ts';

/** What flows through a pipeline from one address to another. */
export interface Edge {
  readonly source: number;
  readonly target: number;
  /** As far as they are known; `*` to `*` is every column but `except`, each under its own name. */
  readonly columns: readonly ColumnFlow[];
}

/** In bytes, of both together: an entry of a B-tree may hold 2,704. */
const LONGEST_COLUMNS = 2_600;

export interface ColumnFlow {
  readonly from: string;
  readonly to: string;
  readonly except: readonly string[];
}

/**
 * Makes these the edges of a pipeline, and answers how many are new. Columns with over-long names are left out.
 * The pipeline's row must be locked: two that replace the edges of one pipeline come one after the other.
 */
export async function replaceEdges(
  tx: Db,
  pipelineId: number,
  edges: readonly Edge[],
): Promise<number> {
  const wanted = postgresJson(edges.map(({ source, target }) => ({ source, target })));
  const { rows } = await sql`
    with wanted as (
      select source, target from jsonb_to_recordset(${wanted}::jsonb) as w(source int, target int)
    ), gone as (
      delete from address_lineage l
      where l.pipeline_id = ${pipelineId} and not exists (select from wanted w
        where w.source = l.source_address_id and w.target = l.target_address_id)
    )
    insert into address_lineage (pipeline_id, source_address_id, target_address_id)
    select ${pipelineId}, source, target from wanted
    on conflict do nothing
    returning 1`.execute(tx);
  await replaceColumns(tx, pipelineId, edges);
  return rows.length;
}

async function replaceColumns(tx: Db, pipelineId: number, edges: readonly Edge[]): Promise<void> {
  const flows = edges.flatMap(({ source, target, columns }) =>
    columns
      .filter(({ from, to }) => Buffer.byteLength(from + to) <= LONGEST_COLUMNS)
      .map(({ from, to, except }) => ({ source, target, from, to, except })),
  );
  await tx.deleteFrom('column_lineage').where('pipeline_id', '=', pipelineId).execute();
  if (flows.length === 0) return;
  await sql`
    insert into column_lineage (pipeline_id, source_address_id, source_column, target_address_id,
      target_column, except_columns)
    select ${pipelineId}, f.source, f.from, f.target, f.to,
      array(select jsonb_array_elements_text(f.except))
    from jsonb_to_recordset(${postgresJson(flows)}::jsonb)
      as f(source int, target int, "from" text, "to" text, "except" jsonb)
    on conflict do nothing`.execute(tx);
}

/** Keeps everybody else from replacing the edges of a pipeline until the transaction ends. */
export async function lockPipeline(tx: Db, id: number): Promise<void> {
  await tx.selectFrom('pipeline').select('id').where('id', '=', id).forNoKeyUpdate().execute();
}

/** Every source to every target, each pair once. */
export function crossed(sources: readonly number[], targets: readonly number[]): Edge[] {
  return [...new Set(sources)].flatMap((source) =>
    [...new Set(targets)].map((target) => ({ source, target, columns: [] })),
  );
}
