import { DefaultLogger } from '@temporalio/worker';
import { ThreadedVMWorkflowCreator } from '@temporalio/worker/lib/workflow/threaded-vm.js';
import { expect, test } from 'vitest';
import { withoutWatchdogs } from './workflow-threads.ts';

const BOUND_MS = 1;
/** A bundle that takes longer than the bound to load; the comment is what the SDK asks of each. */
const code = `
  globalThis.__TEMPORAL__ = {
    api: { destroy() {} },
    preloadModules() {
      const until = Date.now() + 50 * ${BOUND_MS};
      while (Date.now() < until);
    },
  };
  // globalThis.__webpack_module_cache__
`;

function startThread(): Promise<ThreadedVMWorkflowCreator> {
  return ThreadedVMWorkflowCreator.create({
    threadPoolSize: 1,
    workflowBundle: { code, filename: 'slow.js', sourceMap: emptyMap },
    isolateExecutionTimeoutMs: BOUND_MS,
    reuseV8Context: true,
    registeredActivityNames: new Set(),
    logger: new DefaultLogger('ERROR'),
  });
}

const emptyMap = { version: 3, sources: [], names: [], mappings: '' } as never;

test("the SDK's threads of workflows do without a watchdog for each call", async () => {
  const thread = await withoutWatchdogs(startThread);
  await thread.destroy();
});

test('threads that begin later have it again', async () => {
  await expect(startThread()).rejects.toThrow('timed out');
});
