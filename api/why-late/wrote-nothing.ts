import { timeText } from '../../metadata/standing-texts.ts';
import { causeOf, type Detective } from './subject.ts';

/** Its runs succeed, and write no rows. */
export const findWroteNothing: Detective = (_deps, subject) => {
  const { pipeline, runs, freshness } = subject;
  if (freshness.standing.state !== 'late') return Promise.resolve([]);
  const { lastDml } = pipeline;
  const idle = runs.filter(
    ({ state, end }) => state === 'succeeded' && end && (lastDml === null || end > lastDml),
  );
  const [newest] = idle;
  if (!newest) return Promise.resolve([]);
  const count = idle.length === 1 ? 'One run has' : `${idle.length} runs have`;
  const message = `${count} succeeded since ${timeText(lastDml)} without writing a row`;
  return Promise.resolve([
    causeOf(subject, 'wrote_nothing', message, {
      ...{ since: idle.at(-1)?.end ?? null, run: newest.id },
      evidence: [{ key: 'rows of the last run', value: String(newest.totalRows ?? 'not counted') }],
    }),
  ]);
};
