import { sql, type RawBuilder } from 'kysely';
import {
  endsOf,
  joined,
  type Direction,
  type Edges,
  type PipelineEdge,
} from '../../metadata/lineage/graph.ts';
import { walk, type Walk } from '../../metadata/lineage/walk.ts';
import { listAddressTypes } from './address-types.ts';
import type { Db } from '../database.ts';
import type { ColumnFlow } from './edges.ts';
import { packed, unpack, type Packed } from './packed.ts';

/** Past so many addresses it is quicker to read whole tables than to look up each. */
const MANY = 300;

/** Walks from an address, as the edges are now. */
export async function walkFrom(
  db: Db,
  start: number,
  direction: Direction,
  depth: number,
): Promise<Walk> {
  return walk(await findEdges(db, start, direction, depth), start, direction, depth);
}

interface Ends {
  readonly near: RawBuilder<unknown>;
  readonly far: RawBuilder<unknown>;
}

const [SOURCE, TARGET] = [sql.ref('source_address_id'), sql.ref('target_address_id')];
const ENDS: Readonly<Record<Direction, Ends>> = {
  downstream: { near: SOURCE, far: TARGET },
  upstream: { near: TARGET, far: SOURCE },
};

/** At least the edges of the walk; those between the same ends one after the other. */
async function findEdges(
  db: Db,
  start: number,
  direction: Direction,
  depth: number,
): Promise<Edges> {
  const ends = ENDS[direction];
  const levels: Edges[] = [];
  const seen = new Set([start]);
  let level = [start];
  for (let at = 0; at < depth && level.length > 0; at += 1) {
    if (seen.size > MANY) return listEdges(db, ends, sql`true`);
    const found = await listEdges(db, ends, sql`${ends.near} = any(${level}::int[])`);
    levels.push(found);
    const reached = new Set(endsOf(found, direction).to);
    level = [...reached].filter((address) => !seen.has(address));
    level.forEach((address) => seen.add(address));
  }
  return joined(levels);
}

/**
 * In the order of their ends, as an index holds them. They come packed into bytes: as rows, tens of thousands would
 * take longer to read than to find.
 */
async function listEdges(
  db: Db,
  { near, far }: Ends,
  condition: RawBuilder<unknown>,
): Promise<Edges> {
  const { rows } = await sql<Packed<keyof Edges>>`
    select ${packed('source_address_id')} as sources, ${packed('target_address_id')} as targets,
      ${packed('pipeline_id')} as pipelines
    from (
      select source_address_id, target_address_id, pipeline_id from address_lineage
      where ${condition} order by ${near}, ${far}
    ) l`.execute(db);
  return {
    sources: unpack(rows[0]?.sources),
    targets: unpack(rows[0]?.targets),
    pipelines: unpack(rows[0]?.pipelines),
  };
}

export interface StoredColumns extends PipelineEdge, ColumnFlow {}

/** What is known of the columns along the edges between these addresses. */
export async function listColumns(db: Db, addresses: readonly number[]): Promise<StoredColumns[]> {
  const { rows } = await sql<StoredColumns>`
    select l.source_address_id as source, l.target_address_id as target, l.pipeline_id as pipeline,
      l.source_column as from, l.target_column as to, l.except_columns as except
    from column_lineage l
    where l.source_address_id = any(${addresses}::int[])
      and l.target_address_id = any(${addresses}::int[])
    order by l.target_column, l.source_column`.execute(db);
  return rows;
}

export interface GraphAddress {
  readonly id: number;
  readonly name: string;
  readonly type: string;
  readonly group: string;
}

/** By id; it may hold more than these. */
export async function findNames(
  db: Db,
  addresses: readonly number[],
): Promise<ReadonlyMap<number, GraphAddress>> {
  const condition = addresses.length > MANY ? sql`true` : sql`id = any(${addresses}::int[])`;
  const { rows } = await sql<Packed<'ids' | 'types'> & { names: string[] | null }>`
    select ${packed('id')} as ids, ${packed('address_type_id')} as types, json_agg(name) as names
    from address where ${condition}`.execute(db);
  const types = new Map((await listAddressTypes(db)).map((type) => [type.id, type]));
  const [ids, typeIds] = [unpack(rows[0]?.ids), unpack(rows[0]?.types)];
  const names = rows[0]?.names ?? [];
  const found = new Map<number, GraphAddress>();
  ids.forEach((id, at) => {
    const type = types.get(typeIds[at] ?? 0);
    const [name = '', typeName = '', group = ''] = [names[at], type?.name, type?.group_name];
    found.set(id, { id, name, type: typeName, group });
  });
  return found;
}

export interface GraphPipeline {
  readonly id: number;
  readonly name: string;
  readonly type: string;
  readonly tags: readonly string[];
  readonly active: boolean;
  readonly metadata: object | null;
}

export async function listGraphPipelines(db: Db, ids: readonly number[]): Promise<GraphPipeline[]> {
  const { rows } = await sql<GraphPipeline>`
    select p.id, p.name, t.name as type, p.tags, p.active, p.pipeline_metadata as metadata
    from pipeline p join pipeline_type t on t.id = p.pipeline_type_id
    where p.id = any(${ids}::int[])`.execute(db);
  return rows;
}

/** Addresses whose name is this text or ends in it after `/`, `.` or `:`; an exact one comes alone. */
export async function searchAddress(
  db: Db,
  text: string,
  limit: number,
): Promise<{ id: number; name: string }[]> {
  const { rows } = await sql<{ id: number; name: string }>`
    select id, name from address where name = ${text}`.execute(db);
  if (rows.length > 0) return rows;
  const ending = await sql<{ id: number; name: string }>`
    select id, name from address
    where lower(name) = lower(${text})
      or lower(right(name, length(${text}) + 1)) in (
        lower('/' || ${text}), lower('.' || ${text}), lower(':' || ${text}))
    order by name limit ${limit}`.execute(db);
  return ending.rows;
}
