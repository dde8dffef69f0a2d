import { countEnds } from '../../db/standings/late-evidence.ts';
import { timeText } from '../../metadata/standing-texts.ts';
import { causeOf, type Detective } from './subject.ts';

/** Its runs succeed, and write no rows. */
export const findWroteNothing: Detective = async ({ db }, subject) => {
  const { pipeline, runs, freshness } = subject;
  if (freshness.standing.state !== 'late') return [];
  const { id, lastDml } = pipeline;
  const { count, first } = await countEnds(db, id, ['succeeded'], { moment: lastDml });
  if (count === 0) return [];
  const newest = runs.find(({ state }) => state === 'succeeded');
  const runsHave = count === 1 ? 'One run has' : `${count} runs have`;
  const since = lastDml ? ` since ${timeText(lastDml)}` : '';
  return [
    causeOf(subject, 'wrote_nothing', `${runsHave} succeeded${since} without writing a row`, {
      ...{ since: first, run: newest?.id ?? null },
      evidence: [
        { key: 'rows of the last run', value: String(newest?.totalRows ?? 'not counted') },
      ],
    }),
  ];
};
