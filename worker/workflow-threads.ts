import { createRequire } from 'node:module';
import workerThreads from 'node:worker_threads';

const { resolve } = createRequire(import.meta.url);
const SDK_THREAD = resolve('@temporalio/worker/lib/workflow/workflow-worker-thread');

/** The SDK's thread, after a line that leaves the bound away on each call into a workflow. */
const CODE = `
  const { Script } = require('node:vm');
  const { runInContext } = Script.prototype;
  Script.prototype.runInContext = function (context, { timeout, ...options } = {}) {
    return runInContext.call(this, context, options);
  };
  require(${JSON.stringify(SDK_THREAD)});
`;

/**
 * The SDK bounds each call into a workflow, several in each of its tasks, with `vm`'s `timeout`, which cannot be turned off
 * (`isolateExecutionTimeout`). Node keeps to such a bound by a thread with an event loop of its own, made and
 * ended for each call: `Watchdog` in its `src/node_watchdog.cc`. All that runs in these
 * threads is Highwater's interpreter. Threads that begin while `create` is at work do without it.
 */
export async function withoutWatchdogs<Result>(create: () => Promise<Result>): Promise<Result> {
  const { Worker } = workerThreads;
  workerThreads.Worker = class extends Worker {
    constructor(file: string | URL, options?: workerThreads.WorkerOptions) {
      if (file === SDK_THREAD) super(CODE, { ...options, eval: true });
      else super(file, options);
    }
  };
  try {
    return await create();
  } finally {
    workerThreads.Worker = Worker;
  }
}
