import type { Client } from '@temporalio/client';
import { messageOf } from '../../runtime/fault.ts';
import { timeText } from '../../metadata/standing-texts.ts';
import { causeOf, type Detective } from './subject.ts';

const ANSWER_MS = 2_000;
/** A worker that lives asks for work at least once a minute. */
const LIVES_MS = 75_000;

/**
 * Nobody asks Temporal for this stack's work, or Temporal does not answer: nothing of our own can run
 * now.
 */
export const findNoWorker: Detective = async ({ temporal, taskQueue }, subject) => {
  if (!subject.pipeline.isOurs) return [];
  try {
    const lastSeen = await temporal.ask(ANSWER_MS, (client) => readLastPoll(client, taskQueue));
    if (lastSeen && subject.now.getTime() - lastSeen.getTime() < LIVES_MS) return [];
    return [
      causeOf(subject, 'no_worker', `No worker takes work from the queue ${taskQueue}`, {
        since: lastSeen,
        evidence: [{ key: 'a worker last asked for work', value: timeText(lastSeen) }],
      }),
    ];
  } catch (error) {
    const message = `Temporal does not answer: ${messageOf(error)}`;
    return [causeOf(subject, 'stack_down', message, { since: null })];
  }
};

async function readLastPoll(client: Client, name: string): Promise<Date | null> {
  const { namespace } = client.options;
  const taskQueue = { name };
  const { pollers } = await client.workflowService.describeTaskQueue({ namespace, taskQueue });
  const seconds = pollers.map(({ lastAccessTime }) => Number(lastAccessTime?.seconds ?? 0));
  return seconds.length === 0 ? null : new Date(Math.max(...seconds) * 1_000);
}
