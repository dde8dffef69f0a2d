import { timeText } from '../../metadata/standing-texts.ts';
import { median } from '../../metadata/why-late.ts';
import type { PastRun } from '../../db/late-evidence.ts';
import { span } from './span.ts';
import { causeOf, type Detective } from './subject.ts';

/** A pipeline that has not begun for so many of its usual intervals has missed one. */
const MISSED = 1.5;

/** A start that was promised and did not come, or no start for longer than usual. */
export const findNotStarted: Detective = ({ db: _ }, subject) => {
  const { pipeline, runs, timeliness, freshness, now } = subject;
  const [newest] = runs;
  const { missed } = timeliness;
  if (missed) {
    const message = `${pipeline.name} did not start at ${timeText(missed.at)}, as ${missed.by} promised`;
    return found(message, missed.at, [{ key: 'promised by', value: missed.by }]);
  }
  if (freshness.standing.state !== 'late') return found(null);
  if (!newest) return found(`${pipeline.name} has never run`, pipeline.knownSince);
  const began = beganAt(newest);
  const every = usualInterval(runs);
  const ago = now.getTime() - began.getTime();
  const isOverdue = every === null ? isLastWriter(newest, pipeline.lastDml) : ago > MISSED * every;
  if (newest.state !== 'succeeded' || !isOverdue) return found(null);

  const usually = every === null ? '' : `, though it usually does every ${span(every)}`;
  return found(`${pipeline.name} has not run since ${timeText(began)}${usually}`, began, [
    { key: 'last run', value: `${newest.id}, ${newest.state}` },
    { key: 'ago', value: span(ago) },
    ...(every === null ? [] : [{ key: 'usually every', value: span(every) }]),
  ]);

  function found(
    message: string | null,
    since: Date | null = null,
    evidence: { key: string; value: string }[] = [],
  ) {
    if (message === null) return Promise.resolve([]);
    const run = newest?.id ?? null;
    return Promise.resolve([causeOf(subject, 'not_started', message, { since, run, evidence })]);
  }
};

function beganAt({ start, requestedAt }: PastRun): Date {
  return start ?? requestedAt;
}

function isLastWriter({ end }: PastRun, lastDml: Date | null): boolean {
  return end !== null && lastDml !== null && end <= lastDml;
}

function usualInterval(runs: readonly PastRun[]): number | null {
  const starts = runs.map((run) => beganAt(run).getTime());
  return median(starts.slice(1).map((start, at) => (starts[at] ?? start) - start));
}
