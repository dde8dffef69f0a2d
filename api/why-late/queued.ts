import { timeText } from '../../metadata/standing-texts.ts';
import { span } from './span.ts';
import { causeOf, type Detective } from './subject.ts';

/** A run that was asked for this long ago should have begun. */
const SOON_MS = 10_000;

/** A run that was asked for and has not begun. */
export const findQueued: Detective = (_deps, subject) => {
  const { runs, now } = subject;
  const waiting = runs.filter(
    ({ state, reason, requestedAt }) =>
      state === 'queued' && reason === null && now.getTime() - requestedAt.getTime() > SOON_MS,
  );
  return Promise.resolve(
    waiting.map(({ id, requestedAt, dispatchedAt }) => {
      const waits = span(now.getTime() - requestedAt.getTime());
      const whom = dispatchedAt ? 'a worker' : 'Temporal';
      return causeOf(subject, 'queued', `Run ${id} has waited ${waits} for ${whom} to take it`, {
        ...{ since: requestedAt, run: id },
        evidence: [{ key: 'asked for', value: timeText(requestedAt) }],
      });
    }),
  );
};
