import { lateRunOverText, lateRunText } from '../../metadata/deadline-notices.ts';
import { deadlineAfter, shortestMs, type EffectiveThreshold } from '../../metadata/threshold.ts';
import type { RecentRuns } from '../../metadata/timeliness.ts';
import type { Db } from '../database.ts';
import {
  keepUntold,
  listOpenInTime,
  listUntold,
  logLateRuns,
  MOST_AT_ONCE,
  markLate,
  takeOver,
  type EndedRun,
  type LoggedRun,
  type OpenRun,
} from '../runs/late-runs.ts';
import { raiseNotices, type RaisedNotice } from '../notices/notices.ts';
import type { WatchedPipeline } from '../pipelines/watched-pipelines.ts';

interface Due {
  readonly deadline: Date;
  readonly threshold: EffectiveThreshold;
  readonly pipeline: string;
  readonly isMuted: boolean;
}

/**
 * Finds open runs that are past their deadline, and those of the given ended ones that ended after
 * theirs; each is logged and told once, of a muted pipeline when that is over and they are not. Answers
 * the deadlines of the open runs that come next.
 */
export async function checkLateRuns(
  tx: Db,
  pipelines: readonly WatchedPipeline[],
  ended: readonly EndedRun[],
  now: Date,
): Promise<Date[]> {
  const judged = new Map(pipelines.filter(isJudged).map((pipeline) => [pipeline.id, pipeline]));
  const withDue = <Run extends OpenRun>(run: Run) => addDue(run, judged.get(run.pipelineId));
  const heard = [...judged.values()].filter(({ timeliness }) => !timeliness.isMuted);

  const open = (await listOpenInTime(tx, cutoffsOf(heard, now))).flatMap(withDue);
  const overdue = open.filter(({ deadline }) => deadline < now);
  await markLate(tx, overdue);
  const untold = await listUntold(tx, idsOf(heard));
  const endedLate = [...untold, ...ended]
    .flatMap(withDue)
    .filter(({ end, deadline }) => end > deadline);
  await keepUntold(
    tx,
    endedLate.filter(({ isMuted }) => isMuted),
  );
  await logAndTell(tx, [
    ...overdue.map((run) => toLogged(run, now, 'running')),
    ...endedLate
      .filter(({ isMuted }) => !isMuted)
      .map((run) => toLogged(run, run.end, 'completed')),
  ]);
  const isRest = overdue.length >= MOST_AT_ONCE;
  const next = open.map(({ deadline }) => deadline).filter((deadline) => deadline >= now);
  return isRest ? [now, ...next] : next;
}

/** Whether its runs are looked at one by one. */
function isJudged({ active, timeliness }: WatchedPipeline): boolean {
  return active && timeliness.threshold !== null;
}

function idsOf(pipelines: readonly WatchedPipeline[]): number[] {
  return pipelines.map(({ id }) => id);
}

function cutoffsOf(pipelines: readonly WatchedPipeline[], now: Date) {
  return pipelines.flatMap(({ id, timeliness: { threshold } }) =>
    threshold ? [{ pipelineId: id, before: new Date(now.getTime() - shortestMs(threshold)) }] : [],
  );
}

function addDue<Run extends OpenRun>(
  run: Run,
  pipeline: WatchedPipeline | undefined,
): (Run & Due)[] {
  if (!pipeline?.timeliness.threshold) return [];
  const { threshold, isMuted } = pipeline.timeliness;
  const deadline = deadlineAfter(run.start, threshold);
  return [{ ...run, deadline, threshold, pipeline: pipeline.name, isMuted }];
}

function toLogged(run: OpenRun & Due, until: Date, status: LoggedRun['status']): LoggedRun {
  const { id: executionId, pipelineId, pipeline, threshold, start, deadline } = run;
  return {
    ...{ executionId, pipelineId, pipeline, status, threshold },
    durationMs: until.getTime() - start.getTime(),
    thresholdMs: deadline.getTime() - start.getTime(),
  };
}

async function logAndTell(tx: Db, runs: readonly LoggedRun[]): Promise<void> {
  const byId = new Map(runs.map((run) => [run.executionId, run]));
  const logged = await logLateRuns(tx, [...byId.values()]);
  const isNew = ({ executionId }: LoggedRun) => logged.has(executionId);
  await raiseNotices(tx, [...byId.values()].filter(isNew).map(lateNotice));
}

function lateNotice(run: LoggedRun): RaisedNotice {
  const { pipelineId, executionId } = run;
  return {
    ...{ kind: 'timeliness', severity: 'warning', recovered: false, pipelineId, executionId },
    ...{ subject: subjectOf(executionId), ...lateRunText(run) },
  };
}

/**
 * Tells which late runs are over: they or later ones succeeded, or nobody expects anything of them any
 * more.
 */
export async function endLateRuns(
  tx: Db,
  pipelines: readonly WatchedPipeline[],
  recent: (pipelineId: number) => RecentRuns,
): Promise<void> {
  const successes = new Map<number, { id: number | null; name: string }>();
  for (const pipeline of pipelines) {
    const { id, name, active, timeliness } = pipeline;
    const isOff = !active || !timeliness.threshold;
    const { success } = recent(id);
    if (isOff || success) successes.set(id, { id: isOff ? null : (success?.id ?? null), name });
  }
  const over = await takeOver(
    tx,
    [...successes].map(([pipelineId, { id }]) => ({ pipelineId, executionId: id })),
  );
  const notices = over.map(({ executionId, pipelineId }): RaisedNotice => {
    const { id, name } = successes.get(pipelineId) ?? { id: null, name: '' };
    return {
      ...{ kind: 'timeliness', severity: 'info', recovered: true, pipelineId, executionId },
      ...{ subject: subjectOf(executionId), ...lateRunOverText(executionId, name, id) },
    };
  });
  await raiseNotices(tx, notices);
}

/** What stays one incident: that one run is late. */
function subjectOf(executionId: number): string {
  return `timeliness/run/${executionId}`;
}
