import { listGaps, readLastCheck, type PastRun } from '../../db/standings/late-evidence.ts';
import { timeText } from '../../metadata/standing-texts.ts';
import { LONGEST_SLEEP_MS } from '../../db/standings/watch.ts';
import { span } from './span.ts';
import { causeOf, type Detective, type Subject } from './subject.ts';

const MOST_GAPS = 5;
/** Deadlines are checked at least this often while the stack is up. */
const SILENT_MS = 3 * LONGEST_SLEEP_MS;

/**
 * Nobody checked deadlines in the time in which the pipeline should have run: Temporal, every worker or
 * the database was down. It explains a lateness until that is over.
 */
export const findStackDown: Detective = async ({ db }, subject) => {
  if (!subject.pipeline.isOurs) return [];
  const { from, whatThen } = lastSign(subject);
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
      `The stack was down for ${total} since ${subject.pipeline.name} ${whatThen}, until ${until}`,
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

interface Sign {
  readonly from: Date;
  readonly whatThen: string;
}

/**
 * Whatever was down before did not keep the pipeline from running. While it is late a run that has only
 * begun since then makes up for nothing; what kept a run from ending in time came after it began.
 */
function lastSign({ pipeline, runs, success, freshness, timeliness }: Subject): Sign {
  const isLate = [freshness.standing.state, timeliness.standing.state].includes('late');
  const [newest] = runs;
  if (!isLate && newest) return beginningOf(newest);

  const { lastDml, knownSince } = pipeline;
  if (success && timeliness.standing.reason === 'ended_late') return begunAt(success.start);
  if (lastDml && (!success || lastDml > success.end)) {
    return { from: lastDml, whatThen: 'last wrote' };
  }
  return success
    ? { from: success.end, whatThen: 'last succeeded' }
    : { from: knownSince, whatThen: 'became known' };
}

function beginningOf({ start, requestedAt }: PastRun): Sign {
  return start ? begunAt(start) : { from: requestedAt, whatThen: 'was last asked to run' };
}

function begunAt(from: Date): Sign {
  return { from, whatThen: 'last began to run' };
}
