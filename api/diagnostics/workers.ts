import { ScheduleNotFoundError, type Client } from '@temporalio/client';
import { listCleanUps } from '../../db/maintenance/clean-ups.ts';
import { messageOf } from '../../runtime/fault.ts';
import { maintenanceId } from '../../workflows/maintenance.ts';
import { sensorQueue } from '../../workflows/sensor-queue.ts';
import type { Facts } from '../contract/diagnostics.ts';
import type { ApiDeps } from '../deps.ts';
import { toCleanUp } from '../maintenance/clean-up-view.ts';

type Workers = Facts['workers'];

const ANSWER_MS = 3_000;
/** Temporal's number for the kind of tasks, and the name of their queue. */
const KINDS = {
  workflow: { taskQueueType: 1, nameOf: (taskQueue: string) => taskQueue },
  activity: { taskQueueType: 2, nameOf: (taskQueue: string) => taskQueue },
  sensor: { taskQueueType: 2, nameOf: sensorQueue },
} as const;
type Question = Parameters<Client['workflowService']['describeTaskQueue']>[0];

/** Who works for this task queue, as Temporal knows it, and how the nightly clean-up stands. */
export async function readWorkers({ db, temporal, taskQueue }: WorkerDeps): Promise<Workers> {
  const [last] = await listCleanUps(db, 1);
  const last_clean_up = last ? toCleanUp(last) : null;
  try {
    const asked = await temporal.ask(ANSWER_MS, async (client) => ({
      queues: [
        await readQueue(client, taskQueue, 'workflow'),
        await readQueue(client, taskQueue, 'activity'),
        await readQueue(client, taskQueue, 'sensor'),
      ],
      maintenance: await readSchedule(client, taskQueue),
    }));
    return { reachable: true, problem: null, task_queue: taskQueue, ...asked, last_clean_up };
  } catch (error) {
    const maintenance = { scheduled: false, paused: false, next_at: null };
    const problem = messageOf(error);
    return {
      ...{ reachable: false, problem, task_queue: taskQueue },
      queues: [],
      maintenance,
      last_clean_up,
    };
  }
}

type WorkerDeps = Pick<ApiDeps, 'db' | 'temporal' | 'taskQueue'>;

async function readQueue(
  client: Client,
  taskQueue: string,
  kind: keyof typeof KINDS,
): Promise<Workers['queues'][number]> {
  const { namespace } = client.options;
  const { taskQueueType, nameOf } = KINDS[kind];
  const asked: object = { namespace, taskQueue: { name: nameOf(taskQueue) }, taskQueueType };
  const question = { ...asked, reportStats: true } as Question;
  const { pollers, stats } = await client.workflowService.describeTaskQueue(question);
  const backlog = stats?.approximateBacklogCount;
  return {
    kind,
    backlog: backlog === undefined || backlog === null ? null : Number(backlog),
    pollers: pollers.map(({ identity, lastAccessTime, ratePerSecond }) => ({
      identity: identity ?? '?',
      last_seen_at: timeOf(lastAccessTime?.seconds),
      polls_per_second: ratePerSecond ?? 0,
    })),
  };
}

function timeOf(seconds: unknown): string | null {
  return seconds === undefined || seconds === null
    ? null
    : new Date(Number(seconds) * 1000).toISOString();
}

async function readSchedule(client: Client, taskQueue: string): Promise<Workers['maintenance']> {
  const handle = client.schedule.getHandle(maintenanceId(taskQueue));
  const found = await handle.describe().catch((error: unknown) => {
    if (error instanceof ScheduleNotFoundError) return undefined;
    throw error;
  });
  const next = found?.info.nextActionTimes[0];
  return {
    scheduled: found !== undefined,
    paused: found?.state.paused ?? false,
    next_at: next?.toISOString() ?? null,
  };
}
