import { announce } from '../../metadata/announcement.ts';
import { failingText, inTimeAgainText, missedStartText } from '../../metadata/deadline-notices.ts';
import { findMissedStart, nextMissable, type MissedStart } from '../../metadata/expected-starts.ts';
import { judgeTimeliness, type RecentRuns, type Timeliness } from '../../metadata/timeliness.ts';
import type { Db } from '../database.ts';
import type { ExpectedStarts } from './expected-starts.ts';
import { raiseNotices, type RaisedNotice } from '../notices/notices.ts';
import { saveStandings, type JudgedPipeline } from './save-standings.ts';
import { listStandings } from './standings.ts';
import type { WatchedPipeline } from '../pipelines/watched-pipelines.ts';

interface Judged extends JudgedPipeline<Timeliness> {
  readonly missed: MissedStart | null;
}

/** What is known of a pipeline's runs. */
export interface KnownRuns {
  readonly recent: (pipelineId: number) => RecentRuns;
  readonly expected: ExpectedStarts;
}

/**
 * Looks at the timeliness of these pipelines as wholes, and raises what is new; answers the deadlines
 * that are still to come.
 */
export async function checkTimeliness(
  tx: Db,
  pipelines: readonly WatchedPipeline[],
  known: KnownRuns,
  now: Date,
): Promise<(Date | null)[]> {
  const standings = await listStandings(tx, 'timeliness');
  const judged = pipelines.map((pipeline): Judged => {
    const { missed, standing } = judge(pipeline, known, now);
    const before = standings.get(pipeline.id);
    const trouble = troubleOf(pipeline, standing, missed);
    const announced = announce(before?.announced ?? null, trouble, pipeline.timeliness.isMuted);
    return { pipeline, standing, before, announced, missed, executionId: standing.executionId };
  });

  await saveStandings(tx, 'timeliness', judged);
  await raiseNotices(tx, judged.flatMap(noticesOf));
  return judged.flatMap(({ pipeline: { id }, standing: { state, deadline } }) => {
    const { starts, newest } = known.expected(id);
    return [state === 'late' ? null : deadline, nextMissable(starts, newest, now)];
  });
}

/** The pipelines of whose runs something is promised. */
export function withPromises(
  pipelines: readonly WatchedPipeline[],
  expected: ExpectedStarts,
): readonly WatchedPipeline[] {
  return pipelines.filter(
    ({ id, timeliness }) => timeliness.threshold !== null || expected(id).starts.length > 0,
  );
}

/** How a pipeline's runs stand now, and the promised start that did not come. */
export function judge(pipeline: WatchedPipeline, { recent, expected }: KnownRuns, now: Date) {
  const { id, active, timeliness, knownSince } = pipeline;
  const { starts, newest } = expected(id);
  const missed = findMissedStart(starts, newest, now);
  const standing = judgeTimeliness(
    {
      ...recent(id),
      ...{ active, threshold: timeliness.threshold, knownSince },
      ...{ missed, isScheduled: starts.length > 0 },
    },
    now,
  );
  return { missed, standing };
}

/** Of single late runs somebody is told run by run. */
function troubleOf(
  { id }: WatchedPipeline,
  { state, reason }: Timeliness,
  missed: MissedStart | null,
): string | null {
  if (state !== 'late') return null;
  if (reason === 'failed') return `timeliness/failing/${id}`;
  if (reason !== 'not_started' || !missed) return null;
  return `missed_start/${id}/${missed.by}/${missed.at.toISOString()}`;
}

function noticesOf({ pipeline, standing, announced, missed }: Judged): RaisedNotice[] {
  const { id: pipelineId } = pipeline;
  const { executionId } = standing;
  const notices: RaisedNotice[] = [];
  if (announced.recover !== null) {
    notices.push({
      ...{ kind: kindOf(announced.recover), severity: 'info', recovered: true },
      ...{ pipelineId, executionId, subject: announced.recover, ...inTimeAgainText(pipeline) },
    });
  }
  if (announced.raise !== null) {
    const kind = kindOf(announced.raise);
    const text =
      missed && kind === 'missed_trigger'
        ? missedStartText(pipeline, missed)
        : failingText(pipeline, executionId);
    notices.push({
      ...{ kind, severity: 'error', recovered: false },
      ...{ pipelineId, executionId, subject: announced.raise, ...text },
    });
  }
  return notices;
}

function kindOf(subject: string): RaisedNotice['kind'] {
  return subject.startsWith('missed_start/') ? 'missed_trigger' : 'timeliness';
}
