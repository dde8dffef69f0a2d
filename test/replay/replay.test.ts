import { bundleWorkflowCode, Worker, type WorkflowBundle } from '@temporalio/worker';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import { workflowSources } from '../../worker/workflow-sources.ts';

const folder = fileURLToPath(new URL('./histories/', import.meta.url));
const quiet = () => undefined;
const logger = { log: quiet, trace: quiet, debug: quiet, info: quiet, warn: quiet, error: quiet };

let workflowBundle: WorkflowBundle;

beforeAll(async () => {
  const folder = fileURLToPath(new URL('../../workflows/', import.meta.url));
  workflowBundle = await bundleWorkflowCode({ ...workflowSources(folder), logger });
});

// Recorded with: temporal workflow show --workflow-id ID --output json
test.each(readdirSync(folder))('the recorded history %s replays as it was', async (name) => {
  const history = JSON.parse(readFileSync(join(folder, name), 'utf8')) as Recorded;

  const replayed = Worker.runReplayHistory({ workflowBundle }, history, idIn(history));

  await expect(replayed).resolves.toBeUndefined();
});

test('a history with another order of blocks is refused', async () => {
  const text = readFileSync(join(folder, 'chain-0.1.0.json'), 'utf8');
  const history: unknown = JSON.parse(text.replaceAll(/"activityId": *"b"/g, '"activityId":"x"'));

  await expect(Worker.runReplayHistory({ workflowBundle }, history)).rejects.toThrow();
});

interface Recorded {
  readonly events: readonly {
    readonly workflowExecutionStartedEventAttributes?: { readonly workflowId?: string };
  }[];
}

/** Children may be called after their parent. */
function idIn({ events }: Recorded): string | undefined {
  return events[0]?.workflowExecutionStartedEventAttributes?.workflowId;
}
