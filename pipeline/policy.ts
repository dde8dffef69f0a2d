import * as z from 'zod';
import { Duration } from './duration.ts';

export const Retry = z.strictObject({
  attempts: z.int().min(1).max(1000).optional().describe('Tries in all, the first one included'),
  initial_interval: Duration.optional().describe('Wait before the second attempt'),
  backoff: z.number().min(1).max(100).optional().describe('Each wait is this many times the last'),
  max_interval: Duration.optional().describe('No wait is longer'),
});
export type Retry = z.infer<typeof Retry>;

/** What a project or a pipeline sets for all of its blocks, and a block for itself. */
export const PolicyFields = {
  retry: Retry.optional(),
  timeout: Duration.optional().describe('Bounds one attempt'),
  deadline: Duration.optional().describe('Bounds all attempts and the waits between them'),
};

export const PolicyDefaults = z.strictObject(PolicyFields);
export type PolicyDefaults = z.infer<typeof PolicyDefaults>;
