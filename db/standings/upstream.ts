import { sql } from 'kysely';
import { followedPipelines } from '../../plan/followed-pipelines.ts';
import type { PlannedTrigger } from '../../plan/plan.ts';
import { postgresJson } from '../../runtime/json.ts';
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
  const followed = await listFollowed(db, pipelineId);
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
      select name, concat('trigger ', trigger)
      from jsonb_to_recordset(${postgresJson(followed)}::jsonb) as followed (name text, trigger text)
    )
    select pipeline_id as "pipelineId", string_agg(name, ', ' order by name) as through
    from written where pipeline_id <> ${pipelineId} group by pipeline_id
    union
    select p.id, named.through from named join pipeline p using (name)
    limit ${limit}`.execute(db);
  return rows;
}

/** The pipelines that its event triggers follow, with the trigger that does. */
async function listFollowed(db: Db, pipelineId: number) {
  const triggers = await db
    .selectFrom('trigger')
    .select(['name as trigger', 'definition'])
    .where('pipeline_id', '=', pipelineId)
    .where('kind', '=', 'event')
    .where('removed_at', 'is', null)
    .execute();
  return triggers.flatMap(({ trigger, definition }) => {
    const planned = definition as unknown as PlannedTrigger;
    if (planned.kind !== 'event') return [];
    return followedPipelines(planned.event).map((name) => ({ name, trigger }));
  });
}
