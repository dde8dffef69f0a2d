import type { PastRun } from '../../db/standings/late-evidence.ts';
import { timeText } from '../../metadata/standing-texts.ts';
import { median, type Cause } from '../../metadata/why-late.ts';
import { span } from './span.ts';
import { causeOf, type Detective, type Subject } from './subject.ts';

/** A pipeline that has not begun for so many of its usual intervals has left one out. */
const INTERVALS = 1.5;

/** It never ran, or has not run for longer than usual; of one that failed the failure says more. */
export const findNotStarted: Detective = (_deps, subject) => {
  const [newest] = subject.runs;
  if (subject.freshness.standing.state !== 'late') return Promise.resolve([]);
  if (!newest) return Promise.resolve([neverRan(subject)]);
  return Promise.resolve(newest.state === 'succeeded' ? stoppedRunning(subject, newest) : []);
};

function neverRan(subject: Subject): Cause {
  const { name, knownSince } = subject.pipeline;
  return causeOf(subject, 'not_started', `${name} has never run`, { since: knownSince });
}

function stoppedRunning(subject: Subject, newest: PastRun): Cause[] {
  const { pipeline, runs, now } = subject;
  const since = beganAt(newest);
  const every = usualInterval(runs);
  const ago = now.getTime() - since.getTime();
  const isOverdue =
    every === null ? isLastWriter(newest, pipeline.lastDml) : ago > INTERVALS * every;
  if (!isOverdue) return [];

  const usually = every === null ? '' : `, though it usually does every ${span(every)}`;
  const message = `${pipeline.name} has not run since ${timeText(since)}${usually}`;
  const evidence = [
    { key: 'last run', value: `${newest.id}, ${newest.state}` },
    { key: 'ago', value: span(ago) },
    ...(every === null ? [] : [{ key: 'usually every', value: span(every) }]),
  ];
  return [causeOf(subject, 'not_started', message, { since, run: newest.id, evidence })];
}

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
