import { announce } from '../../metadata/announcement.ts';
import { failingText, missedStartText, owedNoMoreText } from '../../metadata/deadline-notices.ts';
import { findMissedStarts, nextMissable } from '../../metadata/expected-starts.ts';
import {
  judgeTimeliness,
  listDues,
  type Due,
  type RecentRuns,
  type Timeliness,
} from '../../metadata/timeliness.ts';
import type { Db } from '../database.ts';
import type { ExpectedStarts } from './expected-starts.ts';
import { raiseNotices, type RaisedNotice } from '../notices/notices.ts';
import { saveStandings, type JudgedPipeline } from './save-standings.ts';
import { listStandings } from './standings.ts';
import type { WatchedPipeline } from '../pipelines/watched-pipelines.ts';

interface Judged extends JudgedPipeline<Timeliness> {
  readonly troubles: readonly Trouble[];
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
  const deadlines: (Date | null)[] = [];
  const judged = pipelines.map((pipeline): Judged => {
    const { standing, dues } = judge(pipeline, known, now);
    const { starts, newest } = known.expected(pipeline.id);
    const next = dues.find(({ deadline }) => deadline >= now)?.deadline ?? null;
    deadlines.push(next, nextMissable(starts, newest, now));

    const troubles = dues
      .filter(({ deadline }) => deadline < now)
      .flatMap((due) => troubleOf(pipeline, due) ?? []);
    const before = standings.get(pipeline.id);
    const subjects = troubles.map(({ subject }) => subject);
    const announced = announce(before?.announced ?? [], subjects, pipeline.timeliness.isMuted);
    return { pipeline, standing, before, announced, troubles, executionId: standing.executionId };
  });

  await saveStandings(tx, 'timeliness', judged);
  await raiseNotices(tx, judged.flatMap(noticesOf));
  return deadlines;
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

/** How a pipeline's runs stand now, what it owes, and the promised starts that did not come. */
export function judge(pipeline: WatchedPipeline, { recent, expected }: KnownRuns, now: Date) {
  const { id, active, timeliness, knownSince } = pipeline;
  const { starts, newest } = expected(id);
  const missed = findMissedStarts(starts, newest, now);
  const { success, failure, running } = recent(id);
  // Of thousands of pipelines: objects that are spread into one take longer to put together than to judge.
  const facts = {
    success,
    failure,
    running,
    active,
    threshold: timeliness.threshold,
    missed,
    isScheduled: starts.length > 0,
    knownSince,
  };
  return { missed, dues: listDues(facts), standing: judgeTimeliness(facts, now) };
}

/** What somebody should hear of, until it is over. */
type Trouble = Pick<RaisedNotice, 'kind' | 'executionId' | 'subject' | NoticeText>;
type NoticeText = 'title' | 'message' | 'details';

/** Of single late runs somebody is told run by run. */
function troubleOf(pipeline: WatchedPipeline, due: Due): Trouble | undefined {
  const { reason, executionId, missed } = due;
  if (missed) {
    const subject = `${MISSED_START}/${pipeline.id}/${missed.by}/${missed.at.toISOString()}`;
    return { kind: 'missed_trigger', executionId, subject, ...missedStartText(pipeline, missed) };
  }
  if (reason !== 'failed') return undefined;
  const subject = `timeliness/failing/${pipeline.id}`;
  return { kind: 'timeliness', executionId, subject, ...failingText(pipeline, executionId) };
}

const MISSED_START = 'missed_start';

function noticesOf({ pipeline, standing, announced, troubles }: Judged): RaisedNotice[] {
  const { id: pipelineId } = pipeline;
  const { executionId } = standing;
  const recovered = announced.recover.map((subject): RaisedNotice => {
    const isStart = subject.startsWith(`${MISSED_START}/`);
    const text = owedNoMoreText(pipeline, isStart ? 'start' : 'success');
    const kind = isStart ? 'missed_trigger' : 'timeliness';
    return { kind, severity: 'info', recovered: true, pipelineId, executionId, subject, ...text };
  });
  const raised = troubles
    .filter(({ subject }) => announced.raise.includes(subject))
    .map((trouble): RaisedNotice => ({
      ...trouble,
      ...{ severity: 'error', recovered: false, pipelineId },
    }));
  return [...recovered, ...raised];
}
