import { sql } from 'kysely';
import type { Db } from '../database.ts';

/** A trigger that starts nothing because somebody paused it. */
export interface PausedTrigger {
  readonly name: string;
  readonly note: string | null;
  readonly since: Date;
  /** Null: nobody wrote it down. */
  readonly actor: string | null;
}

export async function listPaused(db: Db, pipelineId: number): Promise<PausedTrigger[]> {
  const { rows } = await sql<PausedTrigger>`
    select t.name, t.note, coalesce(c.changed_at, t.times_since) as since, c.actor
    from trigger t join pipeline p on p.id = t.pipeline_id
    left join lateral (
      select changed_at, actor from trigger_change c
      where c.pipeline = p.name and c.trigger = t.name and c.action = 'paused'
      order by c.id desc limit 1
    ) c on true
    where t.pipeline_id = ${pipelineId} and t.paused and t.removed_at is null
    order by t.name`.execute(db);
  return rows;
}
