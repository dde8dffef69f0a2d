import type { BackfillRecord, IntervalRecord } from '../../db/backfills/backfills.ts';
import type { BackfillChangeRecord } from '../../db/backfills/changes.ts';
import type { Backfill, BackfillInterval, BackfillSummary } from '../contract/backfill.ts';
import { linkToWorkflow, type Links } from '../http/links.ts';

export function toBackfillSummary(backfill: BackfillRecord, links: Links): BackfillSummary {
  const { id, pipeline, state, seen, every, timezone, order, only, trigger, intervals } = backfill;
  const { workflowId, counts, params } = backfill;
  const self = `/api/backfills/${id}`;
  return {
    ...{ id, pipeline, state, seen },
    from: backfill.from.toISOString(),
    to: backfill.to.toISOString(),
    ...{ every, timezone, order, only, trigger, intervals },
    max_parallel: backfill.maxParallel,
    params: { ...params },
    move_watermark: backfill.moveWatermark,
    counts: { ...counts },
    created_by: backfill.actor,
    created_at: backfill.createdAt.toISOString(),
    ended_at: backfill.endedAt?.toISOString() ?? null,
    workflow_id: workflowId,
    links: {
      self,
      intervals: `${self}/intervals`,
      runs: `/api/runs?backfill=${id}`,
      temporal_ui: linkToWorkflow(workflowId, links),
    },
  };
}

export function toBackfill(
  backfill: BackfillRecord,
  changes: readonly BackfillChangeRecord[],
  links: Links,
): Backfill {
  return {
    ...toBackfillSummary(backfill, links),
    changes: changes.map(({ action, actor, changed_at, details }) => ({
      ...{ action, actor, details: { ...details } },
      changed_at: changed_at.toISOString(),
    })),
  };
}

export function toInterval(interval: IntervalRecord): BackfillInterval {
  const { nr, start, end, state, attempts, run, error } = interval;
  return {
    ...{ nr, start: start.toISOString(), end: end.toISOString() },
    ...{ state, attempts, run, error: error && { ...error } },
  };
}
