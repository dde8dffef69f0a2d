import { sql } from 'kysely';
import type { Direction } from '../metadata/lineage/graph.ts';
import { walk, type Walk } from '../metadata/lineage/walk.ts';
import type { Db } from './database.ts';
import type { ColumnFlow } from './lineage-edges.ts';

/** Deeper than this, the database follows all edges at once instead of one level after the other. */
const FEW_LEVELS = 12;

export interface StoredEdge {
  readonly source: number;
  readonly target: number;
  readonly pipeline: number;
}

/** Walks from an address, as the edges are now. */
export async function walkFrom(
  db: Db,
  start: number,
  direction: Direction,
  depth: number,
): Promise<Walk<StoredEdge>> {
  const edges =
    depth > FEW_LEVELS
      ? await findReachable(db, start, direction)
      : await findLevels(db, start, direction, depth);
  return walk(edges, start, direction, depth);
}

function columnsOf(direction: Direction) {
  const [near, far] =
    direction === 'downstream'
      ? ['source_address_id', 'target_address_id']
      : ['target_address_id', 'source_address_id'];
  return { near: sql.ref(`l.${near}`), far: sql.ref(`l.${far}`) };
}

const EDGE = sql`l.source_address_id as source, l.target_address_id as target, l.pipeline_id as pipeline`;

/** UNION leaves out what was reached before, so this ends in cycles too. */
async function findReachable(db: Db, start: number, direction: Direction): Promise<StoredEdge[]> {
  const { near, far } = columnsOf(direction);
  const { rows } = await sql<StoredEdge>`
    with recursive reached (id) as (
      values (${start}::int)
      union
      select ${far} from reached r join address_lineage l on ${near} = r.id
    )
    select ${EDGE} from reached r join address_lineage l on ${near} = r.id`.execute(db);
  return rows;
}

async function findLevels(
  db: Db,
  start: number,
  direction: Direction,
  depth: number,
): Promise<StoredEdge[]> {
  const { near } = columnsOf(direction);
  const edges: StoredEdge[] = [];
  const seen = new Set([start]);
  let level = [start];
  for (let at = 0; at < depth && level.length > 0; at += 1) {
    const { rows } = await sql<StoredEdge>`
      select ${EDGE} from address_lineage l where ${near} = any(${level}::int[])`.execute(db);
    edges.push(...rows);
    const reached = rows.map((row) => (direction === 'downstream' ? row.target : row.source));
    level = [...new Set(reached)].filter((address) => !seen.has(address));
    level.forEach((address) => seen.add(address));
  }
  return edges;
}

export interface StoredColumns extends StoredEdge, ColumnFlow {}

/** What is known of the columns along the edges between these addresses. */
export async function listColumns(db: Db, addresses: readonly number[]): Promise<StoredColumns[]> {
  const { rows } = await sql<StoredColumns>`
    select ${EDGE}, l.source_column as from, l.target_column as to, l.except_columns as except
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
  readonly metadata: object | null;
}

export async function listGraphAddresses(db: Db, ids: readonly number[]): Promise<GraphAddress[]> {
  const { rows } = await sql<GraphAddress>`
    select a.id, a.name, t.name as type, t.group_name as "group", a.address_metadata as metadata
    from address a join address_type t on t.id = a.address_type_id
    where a.id = any(${ids}::int[])`.execute(db);
  return rows;
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
