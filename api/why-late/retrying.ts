import { listAttempts } from '../../db/runs/run-blocks.ts';
import { timeText } from '../../metadata/standing-texts.ts';
import { causeOf, type Detective } from './subject.ts';

/** A block of an open run that has failed already, and is tried again or waits for it. */
export const findRetrying: Detective = async ({ db }, subject) => {
  const open = subject.runs.filter(({ state, isReported }) => state === 'running' && !isReported);
  const found = await Promise.all(open.map(({ id }) => retried(db, id)));
  return found.flat().map(({ run, block, attempt, error, since, failedAt }) =>
    causeOf(
      subject,
      'retrying',
      `Block ${block} of run ${run} has failed ${attempt === 1 ? 'once' : `${attempt} times`} and is tried again: ${error.message}`,
      {
        ...{ since, run, block },
        evidence: [
          { key: 'failed attempts', value: String(attempt) },
          { key: 'error', value: error.code },
          { key: 'last failure', value: timeText(failedAt) },
        ],
      },
    ),
  );
};

async function retried(db: Parameters<typeof listAttempts>[0], run: number) {
  const attempts = await listAttempts(db, run);
  const names = [...new Set(attempts.map(({ block }) => block))];
  return names.flatMap((block) => {
    const own = attempts.filter((attempt) => attempt.block === block);
    const failures = own.filter(({ state }) => state === 'failed');
    const [first, last] = [failures[0], failures.at(-1)];
    const isOpen = ['failed', 'running'].includes(own.at(-1)?.state ?? '');
    if (!first || !last?.error || !isOpen) return [];
    const { attempt, error, finished_at: failedAt } = last;
    return [{ run, block, attempt, error, since: first.finished_at, failedAt }];
  });
}
