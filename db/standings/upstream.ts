import { sql } from 'kysely';
import type { Db } from '../database.ts';

/** Another pipeline that this one waits for or reads from, and how. */
export interface Upstream {
  readonly pipelineId: number;
  /** Addresses, or the block or trigger that names the other one. */
  readonly through: string;
}

/**
 * The pipelines that write what this one reads, run as a part of it, or make it begin or wait. An edge has
 * two ends: what the files of a pipeline only read, or only write, stands in the lineage of its plan.
 */
export async function listUpstream(db: Db, pipelineId: number, limit: number): Promise<Upstream[]> {
  const { rows } = await sql<Upstream>`
    with own as (
      select v.plan, l.lineage from pipeline p
      join pipeline_version v on v.hash = p.current_version
      left join plan_lineage l on l.version_hash = v.hash
      where p.id = ${pipelineId} and p.removed_at is null
    ), read as materialized (
      select a.name from address_lineage l join address a on a.id = l.source_address_id
      where l.pipeline_id = ${pipelineId}
      union
      select jsonb_array_elements_text(lineage->'inputs') from own
    ), written as (
      select l.pipeline_id, read.name from read
      join address a using (name) join address_lineage l on l.target_address_id = a.id
      union
      select p.id, read.name from pipeline p
      join plan_lineage l on l.version_hash = p.current_version
      cross join lateral jsonb_array_elements(l.lineage->'outputs') as output
      join read on read.name = output->>'address'
      where p.removed_at is null
    ), named as (
      select block->'work'->>'pipeline' as name, concat(case block->'work'->>'type'
        when 'pipeline' then 'sub-pipeline of block ' else 'sensor ' end, block->>'name') as through
      from own cross join lateral jsonb_array_elements(plan->'blocks') as block
      where block->'work'->>'type' in ('pipeline', 'check_pipeline')
      union
      select substr(definition->'event'->>'source', ${RUNS_OF.length + 1}),
        concat('trigger ', trigger.name)
      from trigger
      where pipeline_id = ${pipelineId} and kind = 'event' and removed_at is null
        and starts_with(definition->'event'->>'source', ${RUNS_OF})
    )
    select pipeline_id as "pipelineId", string_agg(name, ', ' order by name) as through
    from written where pipeline_id <> ${pipelineId} group by pipeline_id
    union
    select p.id, named.through from named join pipeline p using (name)
    limit ${limit}`.execute(db);
  return rows;
}

/** The source of events about runs of a pipeline, before its name. */
const RUNS_OF = 'highwater/pipelines/';
