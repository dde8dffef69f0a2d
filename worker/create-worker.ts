import { NativeConnection, Worker, type WorkerOptions } from '@temporalio/worker';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { faultInterceptor } from '../activities/fault-interceptor.ts';
import type { createActivities } from '../activities/index.ts';
import { HEARTBEAT_MS } from '../activities/run-block.ts';
import type { Config } from '../runtime/config.ts';
import { packageRoot } from '../runtime/paths.ts';
import { workflowSources } from './workflow-sources.ts';

const LOCAL_ACTIVITIES = 200;
const WORKFLOW_TASKS = 40;

export interface WorkerSettings {
  readonly config: Config;
  readonly address: string;
  /** How many blocks run at once. */
  readonly slots: number;
  readonly activities: ReturnType<typeof createActivities>;
}

/** A Temporal worker for Highwater's workflow and blocks. */
export async function createWorker(settings: WorkerSettings): Promise<Worker> {
  const { config, address, slots, activities } = settings;
  return Worker.create({
    ...tuning(slots),
    ...workflowCode(),
    connection: await NativeConnection.connect({ address }),
    namespace: config.temporalNamespace,
    taskQueue: config.taskQueue,
    activities,
    interceptors: { activity: [() => ({ inbound: faultInterceptor })] },
  });
}

/** How a worker shares its process out; its pollers grow with the load. */
export function tuning(slots: number) {
  return {
    maxConcurrentActivityTaskExecutions: slots,
    maxConcurrentLocalActivityExecutions: LOCAL_ACTIVITIES,
    maxConcurrentWorkflowTaskExecutions: WORKFLOW_TASKS,
    workflowTaskPollerBehavior: { type: 'autoscaling' },
    activityTaskPollerBehavior: { type: 'autoscaling' },
    maxHeartbeatThrottleInterval: HEARTBEAT_MS,
    defaultHeartbeatThrottleInterval: HEARTBEAT_MS,
    stickyQueueScheduleToStartTimeout: '5 seconds',
    shutdownGraceTime: '5 seconds',
    shutdownForceTime: '20 seconds',
  } as const satisfies Partial<WorkerOptions>;
}

/** The bundle that a build left, or the source in a checkout. */
function workflowCode(): Pick<
  WorkerOptions,
  'workflowBundle' | 'workflowsPath' | 'bundlerOptions'
> {
  const codePath = join(packageRoot, 'dist', 'workflow-bundle.js');
  const compiled = import.meta.url.endsWith('.js');
  if (compiled && existsSync(codePath)) return { workflowBundle: { codePath } };
  const folder = fileURLToPath(new URL('../workflows/', import.meta.url));
  const { workflowsPath, ...bundlerOptions } = workflowSources(folder);
  return { workflowsPath, bundlerOptions };
}
