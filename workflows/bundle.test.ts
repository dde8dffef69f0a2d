import { bundleWorkflowCode } from '@temporalio/worker';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import * as workflows from './index.ts';

const quiet = () => undefined;
const logger = { log: quiet, trace: quiet, debug: quiet, info: quiet, warn: quiet, error: quiet };

test('the bundle holds the interpreter and nothing that could do I/O', async () => {
  const workflowsPath = fileURLToPath(new URL('./', import.meta.url));

  const { code } = await bundleWorkflowCode({ workflowsPath, logger });

  expect(code).toContain('workflows/run-pipeline.ts');
  expect(code).not.toMatch(/node_modules\/(zod|kysely|pg|pino|express)\//);
  expect(code.length).toBeLessThan(3_000_000);
});

test('a default and nothing else is exported: any other name would shadow a pipeline', () => {
  expect(Object.keys(workflows)).toEqual(['default']);
});
