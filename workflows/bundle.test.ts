import { bundleWorkflowCode } from '@temporalio/worker';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { nameProblem } from '../pipeline/name.ts';
import * as workflows from './index.ts';
import { workflowSources } from '../worker/workflow-sources.ts';
import { BACKFILL_WORKFLOW } from './backfill.ts';
import { MAINTENANCE_WORKFLOW } from './maintenance.ts';
import { WATCH_WORKFLOW } from './watch.ts';

const quiet = () => undefined;
const logger = { log: quiet, trace: quiet, debug: quiet, info: quiet, warn: quiet, error: quiet };

test('the bundle holds the interpreter and nothing that could do I/O', async () => {
  const folder = fileURLToPath(new URL('./', import.meta.url));

  const { code } = await bundleWorkflowCode({ ...workflowSources(folder), logger });

  expect(code).toContain('workflows/run-pipeline.ts');
  expect(code).not.toMatch(/node_modules\/(zod|kysely|pg|pino|express)\//);
  expect(code.length).toBeLessThan(3_000_000);
});

test('no pipeline can have the name of what is exported: it would be shadowed', () => {
  const names = Object.keys(workflows);

  expect(names.sort()).toEqual([
    'default',
    BACKFILL_WORKFLOW,
    MAINTENANCE_WORKFLOW,
    WATCH_WORKFLOW,
  ]);
  expect(names.map((name) => nameProblem(name)?.code)).toEqual(names.map(() => 'name.reserved'));
});
