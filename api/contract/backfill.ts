import * as z from 'zod';
import { ActorIfSaid } from './actor.ts';
import { BACKFILL_STATES, INTERVAL_STATES } from '../../plan/backfill-state.ts';
import { Limit, SoughtName, Wait } from './query.ts';
import { Time } from './time.ts';

/** More at the same time would only wait for each other. */
const MOST_PARALLEL = 100;

const BackfillState = z.enum(BACKFILL_STATES).meta({ id: 'BackfillState' });

const IntervalState = z.enum(INTERVAL_STATES).meta({ id: 'IntervalState' });

const MaxParallel = z.int().min(1).max(MOST_PARALLEL);
const When = z.string().min(1).max(40);

export const BackfillRequest = z
  .strictObject({
    pipeline: SoughtName,
    from: When.describe('A day or a time; without an offset it is of the time zone'),
    to: When.describe('Where the last interval ends'),
    every: z
      .string()
      .min(1)
      .max(20)
      .optional()
      .describe('The step: 15m, 1h, 1d, 1w, 1 month, 1 quarter; left out, as its schedule'),
    timezone: z.string().min(1).max(60).optional().describe('UTC, or its schedule’s'),
    trigger: SoughtName.optional().describe('A schedule of the pipeline: its step and its params'),
    params: z
      .record(z.string(), z.unknown())
      .optional()
      .describe('May hold ${{ run.interval_start }}, ${{ run.interval_end }}'),
    max_parallel: MaxParallel.optional().describe('How many run at the same time; 1 when left out'),
    order: z.enum(['asc', 'desc']).optional().describe('`asc`: the oldest first'),
    only: z
      .enum(['missing', 'failed'])
      .optional()
      .describe(
        '`missing`: intervals without a run that succeeded; `failed`: those whose newest run failed',
      ),
    move_watermark: z.boolean().optional().describe('Its runs take the watermark along'),
    dry_run: z.boolean().optional().describe('Only tell what would run'),
    actor: ActorIfSaid,
  })
  .meta({ id: 'BackfillRequest' });
export type BackfillRequest = z.infer<typeof BackfillRequest>;

const EVERY = 'The step; `schedule`: from one fire time of its schedule to the next';
const Bounds = z.object({ start: Time, end: Time });

/** What a backfill would run. */
export const BackfillPlan = z
  .object({
    pipeline: z.string(),
    plan: z.string(),
    from: Time,
    to: Time,
    every: z.string().describe(EVERY),
    timezone: z.string(),
    trigger: z.string().nullable(),
    order: z.enum(['asc', 'desc']),
    max_parallel: z.int(),
    params: z.record(z.string(), z.unknown()).describe('Of the first run'),
    count: z.int(),
    left_out: z.int().describe('Intervals that `only` leaves out'),
    intervals: z.array(Bounds).describe('In the order in which they would run'),
    estimate: z
      .object({
        duration_ms: z.int(),
        median_run_ms: z.int(),
        runs: z.int().describe('The median is of this many runs, the last that succeeded'),
      })
      .nullable()
      .describe('Null: no run has succeeded, and nobody can tell'),
  })
  .meta({ id: 'BackfillPlan' });
export type BackfillPlan = z.infer<typeof BackfillPlan>;

export const BackfillSummary = z
  .object({
    id: z.int(),
    pipeline: z.string(),
    state: BackfillState,
    seen: z.boolean().describe('False: its workflow has not heard of the last change yet'),
    from: Time,
    to: Time,
    every: z.string().describe(EVERY),
    timezone: z.string(),
    order: z.enum(['asc', 'desc']),
    only: z.enum(['missing', 'failed']).nullable(),
    max_parallel: z.int(),
    params: z.record(z.string(), z.unknown()).describe('As they were given'),
    trigger: z.string().nullable(),
    move_watermark: z.boolean(),
    intervals: z.int(),
    counts: z
      .partialRecord(IntervalState, z.int())
      .describe('How many intervals are in each state; none where a state is left out'),
    created_by: z.string(),
    created_at: Time,
    ended_at: Time.nullable(),
    workflow_id: z.string(),
    links: z.object({
      self: z.string(),
      intervals: z.string(),
      runs: z.string(),
      temporal_ui: z.string().nullable(),
    }),
  })
  .meta({ id: 'BackfillSummary' });
export type BackfillSummary = z.infer<typeof BackfillSummary>;

const Change = z.object({
  action: z.enum(['started', 'paused', 'resumed', 'changed', 'retried', 'cancelled', 'terminated']),
  actor: z.string().describe('`temporal`: whoever ended its workflow there'),
  changed_at: Time,
  details: z.record(z.string(), z.unknown()),
});

export const Backfill = BackfillSummary.extend({
  changes: z.array(Change).describe('What people did with it, the newest first; at most 100'),
}).meta({ id: 'Backfill' });
export type Backfill = z.infer<typeof Backfill>;

export const BackfillPage = z
  .object({
    backfills: z.array(BackfillSummary).describe('The newest first'),
    cursor: z.string().nullable().describe('Where the next page begins; null on the last'),
    links: z.object({ next: z.string().nullable() }),
  })
  .meta({ id: 'BackfillPage' });
export type BackfillPage = z.infer<typeof BackfillPage>;

const BackfillInterval = Bounds.extend({
  nr: z.int().describe('From 1, in the order of time'),
  state: IntervalState,
  attempts: z.int(),
  run: z.int().nullable().describe('The newest one; null before it began, and when it was removed'),
  error: z.object({ code: z.string(), message: z.string() }).loose().nullable(),
}).meta({ id: 'BackfillInterval' });
export type BackfillInterval = z.infer<typeof BackfillInterval>;

export const IntervalPage = z
  .object({
    intervals: z.array(BackfillInterval).describe('In the order of time'),
    cursor: z.string().nullable().describe('Where the next page begins; null on the last'),
    links: z.object({ next: z.string().nullable() }),
  })
  .meta({ id: 'IntervalPage' });
export type IntervalPage = z.infer<typeof IntervalPage>;

const listOf = <Enum extends Readonly<Record<string, string>>>(state: z.ZodEnum<Enum>) =>
  z
    .string()
    .transform((text) => text.split(','))
    .pipe(z.array(state))
    .meta({ type: 'string', description: 'One state or several, with commas between' });
const Cursor = z.string().max(200).optional();

export const BackfillsQuery = z.strictObject({
  pipeline: SoughtName.optional(),
  state: listOf(BackfillState).optional(),
  cursor: Cursor,
  limit: Limit.optional(),
});

export const IntervalsQuery = z.strictObject({
  state: listOf(IntervalState).optional(),
  cursor: Cursor,
  limit: Limit.optional(),
});

export const BackfillQuery = z.strictObject({ wait: Wait.optional() });

export const BackfillSettings = z
  .strictObject({ max_parallel: MaxParallel, actor: ActorIfSaid })
  .meta({ id: 'BackfillSettings' });

/** Who asks for it. */
export const BackfillSteering = z
  .strictObject({ actor: ActorIfSaid })
  .meta({ id: 'BackfillSteering' });
