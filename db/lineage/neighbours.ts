import { sql } from 'kysely';
import type { PipelineEdge } from '../../metadata/lineage/graph.ts';
import type { Db } from '../database.ts';
import { walkFrom } from './graph.ts';

/** The edges that begin or end at an address, or at anything up or down from it: those beside its own ways too. */
export async function listNeighbourEdges(db: Db, address: number): Promise<PipelineEdge[]> {
  const [down, up] = [
    await walkFrom(db, address, 'downstream', Infinity),
    await walkFrom(db, address, 'upstream', Infinity),
  ];
  const ids = [...new Set([...down.distances.keys(), ...up.distances.keys()])];
  const { rows } = await sql<PipelineEdge>`
    select source_address_id as source, target_address_id as target, pipeline_id as pipeline
    from address_lineage
    where source_address_id = any(${ids}::int[]) or target_address_id = any(${ids}::int[])
    order by id`.execute(db);
  return rows;
}

export interface DescribedAddress {
  readonly id: number;
  readonly name: string;
  readonly type: string;
  readonly group: string;
  readonly metadata: object | null;
}

export async function listDescribed(db: Db, ids: readonly number[]): Promise<DescribedAddress[]> {
  const { rows } = await sql<DescribedAddress>`
    select a.id, a.name, t.name as type, t.group_name as "group", a.address_metadata as metadata
    from address a join address_type t on t.id = a.address_type_id
    where a.id = any(${ids}::int[])`.execute(db);
  return rows;
}
