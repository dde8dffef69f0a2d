import * as z from 'zod';
import { FRESHNESS_STATES } from '../../metadata/freshness.ts';
import { TIMELINESS_STATES } from '../../metadata/timeliness.ts';
import { Limit, SoughtName } from './query.ts';
import { Time } from './time.ts';

const Threshold = z
  .object({
    number: z.int(),
    datepart: z.enum(['minute', 'hour', 'day', 'week', 'month', 'year']),
    from: z.enum(['pipeline', 'type']).describe('Who sets it'),
  })
  .meta({ id: 'EffectiveThreshold' });

const Standing = z.object({
  pipeline: z.string(),
  tags: z.array(z.string()),
  reason: z.string().describe('A name to rely on, such as `no_new_data` or `still_running`'),
  message: z.string().describe('The reason as a sentence'),
  since: Time,
  deadline: Time.nullable().describe('When it turns late unless something happens before'),
  threshold: Threshold.nullable(),
  muted: z.boolean().describe('Nobody is told, by a setting of the pipeline or of its type'),
  links: z.object({ self: z.string(), why_late: z.string() }),
});

const FreshnessState = z.enum(FRESHNESS_STATES).meta({ id: 'FreshnessState' });
const TimelinessState = z.enum(TIMELINESS_STATES).meta({ id: 'TimelinessState' });

/** Whether a pipeline's data are new. */
export const Freshness = Standing.extend({
  state: FreshnessState,
  last_write: Time.nullable().describe('The end of its last run that wrote rows'),
}).meta({ id: 'Freshness' });
export type Freshness = z.infer<typeof Freshness>;

/** Whether a pipeline's runs end in time. */
export const Timeliness = Standing.extend({
  state: TimelinessState,
  run: z.int().nullable().describe('The run that makes it so'),
}).meta({ id: 'Timeliness' });
export type Timeliness = z.infer<typeof Timeliness>;

const Change = z.object({
  state: z.string(),
  reason: z.string(),
  since: Time,
  until: Time.nullable().describe('Null: it stands so now'),
  run: z.int().nullable(),
});

const history = { history: z.array(Change).describe('The newest first, at most 100') };
export const FreshnessHistory = Freshness.extend(history).meta({ id: 'FreshnessHistory' });
export type FreshnessHistory = z.infer<typeof FreshnessHistory>;

const LateRun = z.object({
  run: z.int(),
  status: z.enum(['running', 'completed']).describe('When it was found late'),
  duration_seconds: z.int(),
  threshold_seconds: z.int(),
  found_at: Time,
});

export const TimelinessHistory = Timeliness.extend({
  ...history,
  late_runs: z.array(LateRun).describe('The newest first, at most 100'),
}).meta({ id: 'TimelinessHistory' });
export type TimelinessHistory = z.infer<typeof TimelinessHistory>;

const counts = <State extends string>(states: readonly State[]) =>
  z
    .object(Object.fromEntries(states.map((state) => [state, z.int()])) as Record<State, z.ZodInt>)
    .describe('How many stand in each state, on all pages');

const page = {
  cursor: z.string().nullable().describe('Where the next page begins; null on the last'),
  links: z.object({ next: z.string().nullable() }),
};

export const FreshnessBoard = z
  .object({ counts: counts(FRESHNESS_STATES), pipelines: z.array(Freshness), ...page })
  .meta({ id: 'FreshnessBoard' });
export type FreshnessBoard = z.infer<typeof FreshnessBoard>;

export const TimelinessBoard = z
  .object({ counts: counts(TIMELINESS_STATES), pipelines: z.array(Timeliness), ...page })
  .meta({ id: 'TimelinessBoard' });
export type TimelinessBoard = z.infer<typeof TimelinessBoard>;

const statesOf = <State extends z.ZodType<string, string>>(state: State) =>
  z
    .string()
    .transform((text) => text.split(','))
    .pipe(z.array(state))
    .meta({
      type: 'string',
      description: 'One state or several, with commas between; all but `off` when left out',
    });

const query = {
  pipeline: SoughtName.optional(),
  tag: SoughtName.optional(),
  cursor: z.string().max(200).optional(),
  limit: Limit.optional(),
};
export const FreshnessQuery = z.strictObject({
  state: statesOf(FreshnessState).optional(),
  ...query,
});
export const TimelinessQuery = z.strictObject({
  state: statesOf(TimelinessState).optional(),
  ...query,
});
