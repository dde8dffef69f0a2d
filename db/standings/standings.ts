import { sql } from 'kysely';
import { postgresJson } from '../../runtime/json.ts';
import type { Db } from '../database.ts';

export type Aspect = 'freshness' | 'timeliness';

/** How a pipeline stood in one aspect, from `since` until `until`. */
export interface StandingRecord {
  readonly pipelineId: number;
  readonly state: string;
  readonly reason: string;
  readonly since: Date;
  readonly until: Date | null;
  /** The run that made it so. */
  readonly executionId: number | null;
  /** The subjects of the notices that are open because of it. */
  readonly announced: readonly string[];
}

export type NewStanding = Omit<StandingRecord, 'until'>;

/** By pipeline: how it stands now, as far as that was checked. */
export async function listStandings(db: Db, aspect: Aspect): Promise<Map<number, StandingRecord>> {
  const rows = await standings(db, aspect).where('until', 'is', null).execute();
  return new Map(rows.map((row) => [row.pipelineId, row]));
}

/** How a pipeline stood, the newest first. */
export async function listHistory(
  db: Db,
  aspect: Aspect,
  pipelineId: number,
  limit: number,
): Promise<StandingRecord[]> {
  return standings(db, aspect)
    .where('pipeline_id', '=', pipelineId)
    .orderBy('id', 'desc')
    .limit(limit)
    .execute();
}

function standings(db: Db, aspect: Aspect) {
  return db
    .selectFrom('pipeline_standing')
    .select(['pipeline_id as pipelineId', 'state', 'reason', 'since', 'until'])
    .select(['execution_id as executionId', 'announced'])
    .where('aspect', '=', aspect);
}

/** These pipelines stand differently now: what was true until now becomes history. */
export async function changeStandings(
  tx: Db,
  aspect: Aspect,
  changes: readonly NewStanding[],
): Promise<void> {
  if (changes.length === 0) return;
  const changed = sql`
    jsonb_to_recordset(${postgresJson(changes)}::jsonb) as c("pipelineId" int, state text,
      reason text, since timestamptz, "executionId" bigint, announced text[])`;
  await sql`
    update pipeline_standing s set until = greatest(s.since, c.since)
    from ${changed}
    where s.pipeline_id = c."pipelineId" and s.aspect = ${aspect} and s.until is null`.execute(tx);
  await sql`
    insert into pipeline_standing (pipeline_id, aspect, state, reason, since, execution_id, announced)
    select c."pipelineId", ${aspect}, c.state, c.reason, c.since, c."executionId", c.announced
    from ${changed}`.execute(tx);
}

/** Notes which notices are open because of how a pipeline stands. */
export async function noteAnnounced(
  tx: Db,
  aspect: Aspect,
  pipelineId: number,
  announced: readonly string[],
): Promise<void> {
  await tx
    .updateTable('pipeline_standing')
    .set({ announced: [...announced] })
    .where('pipeline_id', '=', pipelineId)
    .where('aspect', '=', aspect)
    .where('until', 'is', null)
    .execute();
}
