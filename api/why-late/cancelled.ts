import { timeText } from '../../metadata/standing-texts.ts';
import { causeOf, type Detective } from './subject.ts';

/** The newest of its runs that ended was stopped before it could do anything about the lateness. */
export const findCancelled: Detective = (_deps, subject) => {
  const [last] = subject.runs.filter(({ state, end }) => end !== null && state !== 'skipped');
  if (last?.state !== 'cancelled') return Promise.resolve([]);
  const why = last.error ?? last.reason;
  const message = `Run ${last.id} of ${subject.pipeline.name} was cancelled${why ? `: ${why.message}` : ''}`;
  return Promise.resolve([
    causeOf(subject, 'cancelled', message, {
      ...{ since: last.end, run: last.id },
      evidence: [{ key: 'ended', value: timeText(last.end) }],
    }),
  ]);
};
