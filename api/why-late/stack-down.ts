import { listGaps, readLastCheck } from '../../db/standings/late-evidence.ts';
import { timeText } from '../../metadata/standing-texts.ts';
import { LONGEST_SLEEP_MS } from '../../db/standings/watch.ts';
import { span } from './span.ts';
import { causeOf, type Detective, type Subject } from './subject.ts';

const MOST_GAPS = 5;
/** Deadlines are checked at least this often while the stack is up. */
const SILENT_MS = 3 * LONGEST_SLEEP_MS;

/**
 * Nobody checked deadlines in the time in which the pipeline should have run: Temporal, every worker or
 * the database was down.
 */
export const findStackDown: Detective = async ({ db }, subject) => {
  if (!subject.pipeline.isOurs) return [];
  const from = lastSign(subject);
  const [gaps, lastCheck] = await Promise.all([listGaps(db, from, MOST_GAPS), readLastCheck(db)]);
  const { now } = subject;
  const isSilent = lastCheck && now.getTime() - lastCheck.getTime() > SILENT_MS;
  const all = isSilent ? [{ since: lastCheck, until: now }, ...gaps] : gaps;
  const [newest] = all;
  if (!newest) return [];
  const lengths = all.map(({ since, until }) => until.getTime() - since.getTime());
  const total = span(lengths.reduce((sum, length) => sum + length, 0));
  const until = newest.until === now ? 'now' : timeText(newest.until);
  return [
    causeOf(
      subject,
      'stack_down',
      `The stack was down for ${total} since ${subject.pipeline.name} last began to run, until ${until}`,
      {
        since: all.at(-1)?.since ?? null,
        evidence: all.map((gap) => ({
          key: 'down',
          value: `${timeText(gap.since)} to ${gap.until === now ? 'now' : timeText(gap.until)}`,
        })),
      },
    ),
  ];
};

/** Whatever was down before a run began did not keep the next one from running. */
function lastSign({ pipeline, runs: [newest] }: Subject): Date {
  return newest?.start ?? newest?.requestedAt ?? pipeline.lastDml ?? pipeline.knownSince;
}
