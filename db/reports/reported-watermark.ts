import { sql } from 'kysely';
import type { Db } from '../database.ts';
import type { WatermarkMove } from '../watermarks/watermarks.ts';

/** A reported execution's own watermarks, and those that its pipeline had when it began. */
export interface ReportedWindow {
  readonly id: number;
  readonly pipeline_id: number;
  readonly watermark: string | null;
  readonly next_watermark: string | null;
  readonly pipeline_watermark: string | null;
  readonly pipeline_next_watermark: string | null;
}

/** What its success asks for; undefined when neither it nor its pipeline named a next watermark. */
export function reportedMove(execution: ReportedWindow, actor: string): WatermarkMove | undefined {
  const next = execution.next_watermark ?? execution.pipeline_next_watermark;
  if (next === null) return undefined;
  return {
    pipelineId: execution.pipeline_id,
    executionId: execution.id,
    kind: 'reported',
    actor,
    read: execution.pipeline_watermark,
    began: execution.watermark,
    next,
    type: null,
    fullLoad: false,
  };
}

/**
 * The pipeline's next watermark was named while executions are open. It is meant for the one that is
 * open; where there are several, nobody knows which, and each keeps what it found when it began.
 */
export async function offerNextWatermark(
  tx: Db,
  pipelineId: number,
  next: string | null,
): Promise<void> {
  await sql`
    update pipeline_execution set pipeline_next_watermark = ${next}
    where id = (
      select min(id) from pipeline_execution
      where pipeline_id = ${pipelineId} and state = 'running' and trigger_kind = 'reported'
      having count(*) = 1)`.execute(tx);
}
