import { sql } from 'kysely';
import { followUps, WAKE_WATCH } from '../../db/runs/after-end.ts';
import type { Db } from '../../db/database.ts';
import type { RunState } from '../../plan/run-state.ts';

interface Ended {
  readonly id: number;
  readonly pipelineId: number;
  readonly state: RunState;
  readonly start: Date | null;
  readonly end: Date;
}

/** Asks for what follows the ends of these runs, as the statements do that end them. */
export async function followUp(tx: Db, ended: readonly Ended[]): Promise<void> {
  await sql`
    with done as (
      select id, "pipelineId" as pipeline_id, state, start as start_date, "end" as end_date
      from jsonb_to_recordset(${JSON.stringify(ended)}::jsonb) as r(id bigint, "pipelineId" int,
        state text, start timestamptz, "end" timestamptz)
    ), ${followUps()}
    select ${WAKE_WATCH}`.execute(tx);
}
