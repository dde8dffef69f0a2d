import { NativeConnection, Worker, type WorkerOptions } from '@temporalio/worker';
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { faultInterceptor } from '../activities/fault-interceptor.ts';
import type { createActivities } from '../activities/index.ts';
import { HEARTBEAT_MS } from '../activities/run-block.ts';
import type { Config } from '../runtime/config.ts';
import { packageRoot } from '../runtime/paths.ts';
import { sensorQueue } from '../workflows/sensor-queue.ts';
import { workflowSources } from './workflow-sources.ts';
import { withoutWatchdogs } from './workflow-threads.ts';

/** While some blocks are on their way to and from Temporal, others keep the processors busy. */
const FEWEST_SLOTS = 16;
const LOCAL_ACTIVITIES = 200;
const WORKFLOW_TASKS = 40;
/** More that wait at once cost the server more than they bring. */
const POLLERS = 5;

/** One that only waits needs no place here, and takes half a MiB when it has one. */
const CACHED_WORKFLOWS = 250;

const ENDING = {
  maxHeartbeatThrottleInterval: HEARTBEAT_MS,
  defaultHeartbeatThrottleInterval: HEARTBEAT_MS,
  shutdownGraceTime: '5 seconds',
  shutdownForceTime: '20 seconds',
} as const satisfies Partial<WorkerOptions>;

/**
 * Most checks wait for an answer from elsewhere, so many may do so at once. But those that have become due
 * while there was no worker begin one after the other.
 */
const CHECKS = {
  maxConcurrentActivityTaskExecutions: 100,
  maxActivitiesPerSecond: 50,
  activityTaskPollerBehavior: { type: 'simple-maximum', maximum: 2 },
} as const satisfies Partial<WorkerOptions>;

export interface WorkerSettings {
  readonly config: Config;
  readonly address: string;
  /** How many blocks run at once. */
  readonly slots: number;
  readonly activities: ReturnType<typeof createActivities>;
}

/** Temporal's workers for Highwater's workflow and blocks, and for the checks of sensors. */
export async function createWorkers(settings: WorkerSettings): Promise<readonly Worker[]> {
  const { config, address, slots, activities } = settings;
  const common = {
    connection: await NativeConnection.connect({ address }),
    namespace: config.temporalNamespace,
    interceptors: { activity: [() => ({ inbound: faultInterceptor })] },
  };
  const { taskQueue } = config;
  return Promise.all([
    withoutWatchdogs(() =>
      Worker.create({ ...common, ...tuning(slots), ...workflowCode(), taskQueue, activities }),
    ),
    Worker.create({
      ...{ ...common, ...ENDING, ...CHECKS },
      taskQueue: sensorQueue(taskQueue),
      activities: { default: activities.default },
    }),
  ]);
}

/** How many blocks a worker runs at once, unless it is told. */
export function defaultSlots(): number {
  return Math.max(FEWEST_SLOTS, 2 * availableParallelism());
}

/** How a worker shares its process out. */
export function tuning(slots: number) {
  return {
    maxConcurrentActivityTaskExecutions: slots,
    maxConcurrentLocalActivityExecutions: LOCAL_ACTIVITIES,
    maxConcurrentWorkflowTaskExecutions: WORKFLOW_TASKS,
    workflowTaskPollerBehavior: { type: 'simple-maximum', maximum: POLLERS },
    activityTaskPollerBehavior: { type: 'simple-maximum', maximum: Math.min(POLLERS, slots) },
    maxCachedWorkflows: CACHED_WORKFLOWS,
    stickyQueueScheduleToStartTimeout: '5 seconds',
    ...ENDING,
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
