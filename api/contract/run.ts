import * as z from 'zod';
import type { BlockState as AnyBlockState, RunState as AnyRunState } from '../../plan/run-state.ts';
import { Flags } from './anomaly.ts';
import { Limit, SoughtName } from './query.ts';

const RunState = z
  .enum([
    'queued',
    'running',
    'succeeded',
    'failed',
    'cancelled',
    'timed_out',
    'terminated',
    'skipped',
  ] satisfies AnyRunState[])
  .meta({ id: 'RunState' });

const BlockState = z
  .enum([...RunState.options, 'upstream_failed', 'reused'] satisfies AnyBlockState[])
  .meta({ id: 'BlockState' });

const RunError = z
  .object({ code: z.string(), message: z.string(), block: z.string().optional() })
  .meta({ id: 'RunError' });

const Time = z.iso.datetime();

/** A run, without its blocks. */
export const RunSummary = z
  .object({
    id: z.int(),
    pipeline: z.string(),
    state: RunState,
    trigger: z.string().describe('What asked for it: `api`, `temporal`, `pipeline`, `reported`, …'),
    params: z.record(z.string(), z.unknown()),
    full_load: z.boolean(),
    requested_at: Time,
    started_at: Time.nullable(),
    finished_at: Time.nullable(),
    watermark: z.string().nullable().describe('Where it began to read'),
    next_watermark: z.string().nullable().describe('Where the next run begins'),
    total_rows: z.int().nullable().describe('Rows inserted, updated and deleted by its exporters'),
    workflow_id: z.string().nullable().describe('Null when it runs elsewhere'),
    parent: z.object({ id: z.int(), block: z.string().nullable() }).nullable(),
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
    child_run: z.int().optional().describe('The run of a sub-pipeline'),
    history: z.array(Attempt),
  })
  .meta({ id: 'BlockRun' });
export type BlockRun = z.infer<typeof BlockRun>;

export const Run = RunSummary.extend({
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
  cursor: z.string().max(200).optional(),
  limit: Limit.optional(),
});

export const RunRequest = z
  .strictObject({
    params: z.record(z.string(), z.unknown()).optional(),
    full_load: z.boolean().optional().describe('Start over, without a watermark'),
  })
  .meta({ id: 'RunRequest' });
export type RunRequest = z.infer<typeof RunRequest>;
