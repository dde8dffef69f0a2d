import type { BlockReason } from '../../db/limits/reasons.ts';
import type { AttemptRecord, PlannedName } from '../../db/runs/run-blocks.ts';
import type { RunRecord } from '../../db/runs/runs.ts';
import type { Reason } from '../../metadata/limits/admission.ts';
import { isClosed, type BlockState, type RunState } from '../../plan/run-state.ts';
import type { BlockRun, Run, RunSummary } from '../contract/run.ts';
import { linksOfRun, type Links } from '../http/links.ts';

export function toSummary(run: RunRecord, links: Links): RunSummary {
  const { id, pipeline, state, trigger, full_load, watermark, next_watermark } = run;
  const { total_rows, workflow_id, parent, priority, reason, error } = run;
  return {
    id,
    pipeline,
    state,
    trigger,
    params: { ...run.params },
    full_load,
    priority,
    scheduled_at: toTime(run.scheduled_at),
    interval_start: toTime(run.interval_start),
    interval_end: toTime(run.interval_end),
    requested_at: run.requested_at.toISOString(),
    requested_by: run.requested_by,
    started_at: toTime(run.started_at),
    finished_at: toTime(run.finished_at),
    watermark,
    next_watermark,
    total_rows,
    workflow_id,
    parent,
    reason: reason && { ...reason },
    error,
    links: linksOfRun(run, links),
  };
}

export interface RunParts {
  readonly run: RunRecord;
  readonly planned: readonly PlannedName[];
  readonly attempts: readonly AttemptRecord[];
  readonly children: readonly RunRecord[];
  /** Why blocks wait that have not begun. */
  readonly waits: readonly BlockReason[];
  readonly watermarkKept?: string | undefined;
}

export function toRun(parts: RunParts, links: Links): Run {
  const { run, planned, attempts, children, waits, watermarkKept } = parts;
  const byBlock = groupByBlock(attempts);
  const reasons = new Map(waits.map(({ block, reason }) => [block, reason]));
  return {
    ...toSummary(run, links),
    ...(watermarkKept !== undefined && { watermark_kept: watermarkKept }),
    flags: run.flags,
    blocks: planned.map((block) =>
      toBlock(block, byBlock.get(block.name) ?? [], run.state, reasons.get(block.name)),
    ),
    children: children.map((child) => toSummary(child, links)),
  };
}

function groupByBlock(attempts: readonly AttemptRecord[]): Map<string, AttemptRecord[]> {
  const groups = new Map<string, AttemptRecord[]>();
  for (const attempt of attempts) {
    const group = groups.get(attempt.block);
    if (group) group.push(attempt);
    else groups.set(attempt.block, [attempt]);
  }
  return groups;
}

function toBlock(
  { name, kind }: PlannedName,
  rows: readonly AttemptRecord[],
  runState: RunState,
  waits: Reason | undefined,
): BlockRun {
  const last = rows.at(-1);
  const reason = waits ?? last?.reason ?? undefined;
  const attempts = rows.filter(({ attempt }) => attempt > 0);
  const state = last?.state ?? unstarted(runState);
  return {
    name,
    kind,
    state,
    rows: last?.rows ?? null,
    attempts: attempts.length,
    duration_ms: durationOf(attempts),
    ...(last?.error && { error: last.error }),
    ...(typeof last?.checks === 'number' && { checks: last.checks }),
    ...(reason && { reason: { ...reason } }),
    ...(last?.child_execution_id && { child_run: last.child_execution_id }),
    history: attempts.map(({ block, child_execution_id, checks, reason, error, ...attempt }) => ({
      ...attempt,
      started_at: toTime(attempt.started_at),
      finished_at: toTime(attempt.finished_at),
      ...(error && { error }),
    })),
  };
}

/** A block without any row waits for its turn, or never had one. */
function unstarted(runState: RunState): BlockState {
  return isClosed(runState) ? 'skipped' : 'queued';
}

function durationOf(attempts: readonly AttemptRecord[]): number | null {
  const from = attempts[0]?.started_at;
  const until = attempts.at(-1)?.finished_at;
  return from && until ? until.getTime() - from.getTime() : null;
}

function toTime(date: Date | null): string | null {
  return date?.toISOString() ?? null;
}
