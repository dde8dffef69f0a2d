import { timeText } from '../../metadata/standing-texts.ts';
import { causeOf, type Detective } from './subject.ts';

/** Runs that were asked for since the last one began, and were not begun themselves. */
export const findSkipped: Detective = (_deps, subject) => {
  const { runs } = subject;
  const began = runs.findIndex(({ state }) => state !== 'skipped' && state !== 'queued');
  const newer = began < 0 ? runs : runs.slice(0, began);
  const skipped = newer.filter(({ state }) => state === 'skipped');
  const [last] = skipped;
  if (!last) return Promise.resolve([]);
  const reason = last.reason?.message ?? 'nobody knows why';
  const times = skipped.length === 1 ? '' : `, the last of ${skipped.length} in a row`;
  const message = `Run ${last.id} of ${subject.pipeline.name} was not begun${times}: ${reason}`;
  return Promise.resolve([
    causeOf(subject, 'skipped', message, {
      ...{ since: skipped.at(-1)?.requestedAt ?? null, run: last.id },
      evidence: [
        { key: 'skipped', value: timeText(last.requestedAt) },
        { key: 'runs skipped', value: String(skipped.length) },
      ],
    }),
  ]);
};
