import * as z from 'zod';
import { Priority } from '../../pipeline/priority.ts';
import { BLOCK_STATES, RUN_STATES } from '../../plan/run-state.ts';
import { Flags } from './anomaly.ts';
import { Id, Limit, SoughtName } from './query.ts';
import { Time } from './time.ts';
import { ActorIfSaid } from './actor.ts';

const RunState = z.enum(RUN_STATES).meta({ id: 'RunState' });

const BlockState = z.enum(BLOCK_STATES).meta({ id: 'BlockState' });

const RunError = z
  .object({ code: z.string(), message: z.string(), block: z.string().optional() })
  .meta({ id: 'RunError' });

/** What something waits for, or why it was not begun or was ended. */
const Reason = z
  .object({
    code: z
      .string()
      .describe('`limit`, `pool`, `sensor`, `worker`, `temporal`, `superseded`, `cancelled`, …'),
    message: z.string(),
    place: z.int().optional().describe('Among those that wait, from 1'),
  })
  .meta({ id: 'Reason' });

/** A run, without its blocks. */
export const RunSummary = z
  .object({
    id: z.int(),
    pipeline: z.string(),
    state: RunState,
    trigger: z.string().describe('What asked for it: `api`, `schedule`, `backfill`, `temporal`, …'),
    params: z.record(z.string(), z.unknown()),
    full_load: z.boolean(),
    priority: Priority.describe('1 goes first, 5 last'),
    scheduled_at: Time.nullable().describe(
      'The time that it stands for: of a schedule, when it fired',
    ),
    interval_start: Time.nullable().describe('The data that it is about: from here'),
    interval_end: Time.nullable().describe('… up to, but without, this'),
    requested_at: Time,
    requested_by: z.string().nullable().describe('Who asked for it by hand; null: nobody did'),
    started_at: Time.nullable(),
    finished_at: Time.nullable(),
    watermark: z.string().nullable().describe('Where it began to read'),
    next_watermark: z.string().nullable().describe('Where the next run begins'),
    total_rows: z.int().nullable().describe('Rows inserted, updated and deleted by its exporters'),
    workflow_id: z.string().nullable().describe('Null when it runs elsewhere'),
    parent: z.object({ id: z.int(), block: z.string().nullable() }).nullable(),
    reason: Reason.nullable().describe(
      'Why it or all its blocks wait, or it was skipped or cancelled',
    ),
    error: RunError.nullable(),
    links: z.object({ self: z.string(), logs: z.string(), temporal_ui: z.string().nullable() }),
  })
  .meta({ id: 'RunSummary' });
export type RunSummary = z.infer<typeof RunSummary>;

const Attempt = z
  .object({
    attempt: z.int().describe('From 1'),
    state: BlockState,
    started_at: Time.nullable(),
    finished_at: Time.nullable(),
    rows: z.int().nullable(),
    worker: z.string().nullable(),
    peak_memory_bytes: z.int().nullable(),
    cpu_ms: z.int().nullable(),
    error: RunError.optional(),
  })
  .meta({ id: 'Attempt' });

/** A block of a run, with all its attempts. */
export const BlockRun = z
  .object({
    name: z.string(),
    kind: z.string(),
    state: BlockState,
    rows: z.int().nullable(),
    attempts: z.int(),
    duration_ms: z.int().nullable().describe('From the first attempt to the end of the last'),
    error: RunError.optional(),
    checks: z.int().optional().describe('How often a sensor has looked'),
    reason: Reason.optional().describe('What it waits for, or last saw'),
    child_run: z.int().optional().describe('The run of a sub-pipeline'),
    history: z.array(Attempt),
  })
  .meta({ id: 'BlockRun' });
export type BlockRun = z.infer<typeof BlockRun>;

export const Run = RunSummary.extend({
  watermark_kept: z
    .string()
    .optional()
    .describe('Why the watermark stayed, although this run succeeded beyond it or elsewhere'),
  flags: Flags,
  blocks: z.array(BlockRun).describe('In the order of the plan'),
  children: z.array(RunSummary).describe('Runs of its sub-pipelines'),
}).meta({ id: 'Run' });
export type Run = z.infer<typeof Run>;

export const RunPage = z
  .object({
    runs: z.array(RunSummary),
    cursor: z.string().nullable().describe('Where the next page begins; null on the last'),
    links: z.object({ next: z.string().nullable() }),
  })
  .meta({ id: 'RunPage' });
export type RunPage = z.infer<typeof RunPage>;

const States = z
  .string()
  .transform((text) => text.split(','))
  .pipe(z.array(RunState))
  .meta({ type: 'string', description: 'One state or several, with commas between' });

export const RunsQuery = z.strictObject({
  pipeline: SoughtName.optional(),
  state: States.optional(),
  backfill: Id.optional().describe('Only runs of this backfill'),
  cursor: z.string().max(200).optional(),
  limit: Limit.optional(),
});

export const RunRequest = z
  .strictObject({
    params: z.record(z.string(), z.unknown()).optional(),
    full_load: z.boolean().optional().describe('Start over, without a watermark'),
    priority: Priority.optional().describe('1 goes first, 5 last; 3 when left out'),
    actor: ActorIfSaid,
  })
  .meta({ id: 'RunRequest' });
export type RunRequest = z.infer<typeof RunRequest>;

export const CancelRequest = z.strictObject({ actor: ActorIfSaid }).meta({ id: 'CancelRequest' });
