import * as z from 'zod';

/** How many runs of a pipeline may be under way at once, and what becomes of the next one. */
export const Concurrency = z.strictObject({
  max_runs: z.int().min(1).max(10_000),
  on_limit: z
    .enum(['queue', 'skip', 'cancel_oldest'])
    .default('queue')
    .describe('What becomes of a run that is one too many'),
  key: z
    .string()
    .min(1)
    .optional()
    .describe("The limit holds for each value of this by itself: '${{ params.customer }}'"),
});
export type Concurrency = z.infer<typeof Concurrency>;
