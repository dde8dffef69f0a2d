import * as z from 'zod';
import { BASELINES, METHODS } from '../metadata/anomaly/rule.ts';

const AnomalyRule = z
  .strictObject({
    z_threshold: z
      .number()
      .min(1)
      .max(10)
      .default(3)
      .describe('How many deviations from the centre are normal'),
    lookback_days: z.int().min(1).max(365).default(30),
    minimum_executions: z
      .int()
      .min(5)
      .max(1000)
      .default(30)
      .describe('With fewer earlier runs nothing is said'),
    baseline: z
      .enum(BASELINES)
      .default('hour')
      .describe(
        'Runs that began in the same hour (UTC), the same hour of the week, or the last ones',
      ),
    last_n: z.int().min(5).max(1000).default(100).describe('How many are the last ones'),
    method: z
      .enum(METHODS)
      .default('mean_sd')
      .describe('Mean and standard deviation, or median and median absolute deviation'),
  })
  .meta({ id: 'AnomalyRule' });

/** By metric: when a run counts as odd. */
export const AnomalyRules = z.strictObject({
  duration_seconds: AnomalyRule.optional(),
  inserts: AnomalyRule.optional(),
  updates: AnomalyRule.optional(),
  soft_deletes: AnomalyRule.optional(),
  total_rows: AnomalyRule.optional(),
  throughput: AnomalyRule.optional(),
});
export type AnomalyRules = z.infer<typeof AnomalyRules>;
