import type { Run } from '../api/contract/run.ts';

/** What `run --json` prints: a run for scripts, without what only people want to know. */
export function toRunJson(run: Run) {
  const { id, pipeline, state, started_at, finished_at, watermark, next_watermark } = run;
  const { watermark_kept } = run;
  return {
    id,
    pipeline,
    state,
    started_at,
    finished_at,
    watermark,
    next_watermark,
    ...(watermark_kept !== undefined && { watermark_kept }),
    blocks: run.blocks.map((block) => ({
      name: block.name,
      state: block.state,
      rows: block.rows,
      attempts: block.attempts,
      duration_ms: block.duration_ms,
      ...(block.error && { error: block.error }),
    })),
  };
}
