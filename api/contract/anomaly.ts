import * as z from 'zod';
import { BASELINES, METHODS, METRICS } from '../../metadata/anomaly/rule.ts';
import { Limit, SoughtName } from './query.ts';
import { Time } from './time.ts';

const Metric = z.enum(METRICS).meta({ id: 'Metric' });
const AnomalyState = z.enum(['open', 'recovered']).meta({ id: 'AnomalyState' });

/** One metric of one run that was out of its range. */
export const Anomaly = z
  .object({
    id: z.int(),
    state: AnomalyState,
    pipeline: z.string(),
    run: z.int(),
    metric: Metric,
    value: z.number(),
    range: z.object({ min: z.number(), max: z.number() }).describe('What would have been normal'),
    z_score: z.number().describe('How many deviations from the centre'),
    z_threshold: z.number(),
    baseline: z.object({
      of: z.enum(BASELINES),
      method: z.enum(METHODS),
      centre: z.number().describe('Mean or median'),
      deviation: z.number().describe('Standard deviation, or 1.4826 times the MAD'),
      runs: z.int(),
    }),
    detected_at: Time,
    recovered_at: Time.nullable().describe('When a later run was within its range'),
    recovered_by: z.int().nullable().describe('That run'),
    links: z.object({ run: z.string() }),
  })
  .meta({ id: 'Anomaly' });
export type Anomaly = z.infer<typeof Anomaly>;

export const AnomalyPage = z
  .object({
    anomalies: z.array(Anomaly),
    cursor: z.string().nullable().describe('Where the next page begins; null on the last'),
    links: z.object({ next: z.string().nullable() }),
  })
  .meta({ id: 'AnomalyPage' });
export type AnomalyPage = z.infer<typeof AnomalyPage>;

export const AnomaliesQuery = z.strictObject({
  pipeline: SoughtName.optional(),
  run: z
    .string()
    .regex(/^[1-9]\d{0,14}$/, 'must be the id of a run')
    .transform(Number)
    .meta({ type: 'integer' })
    .optional(),
  metric: Metric.optional(),
  state: AnomalyState.optional(),
  since: z.iso
    .datetime({ offset: true })
    .describe('Only what was detected then or later')
    .optional(),
  cursor: z.string().max(200).optional(),
  limit: Limit.optional(),
});

export const Unflagging = z
  .strictObject({ metrics: z.array(Metric).min(1).max(METRICS.length) })
  .meta({ id: 'Unflagging' });

export const Flags = z
  .partialRecord(Metric, z.boolean())
  .describe('By metric: true where the run is odd, false where a person took that back');

export const Unflagged = z.object({ run: z.int(), flags: Flags }).meta({ id: 'Unflagged' });
export type Unflagged = z.infer<typeof Unflagged>;
