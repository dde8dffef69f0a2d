import * as z from 'zod';
import type { Removed as AnyRemoved } from '../../db/maintenance/removed.ts';
import { Wait } from './query.ts';
import { Time } from './time.ts';

const Count = z.int();

export const Removed = z
  .object({
    runs: Count,
    block_runs: Count,
    log_lines: Count,
    artifacts: Count,
    closure_parents: Count.describe('Rows of `pipeline_execution_closure` whose parent went'),
    closure_children: Count.describe('The same, of those left whose child went'),
    timeliness_logs: Count,
    freshness_logs: Count,
    anomaly_results: Count,
    events: Count.default(0),
    watermark_changes: Count.default(0),
    notices: Count.default(0),
  } satisfies Record<keyof AnyRemoved, z.ZodType>)
  .meta({ id: 'Removed' });
export type Removed = z.infer<typeof Removed>;

export const CleanUp = z
  .object({
    id: z.int(),
    dry_run: z.boolean().describe('It only counted'),
    started_at: Time,
    finished_at: Time.nullable().describe('Null while it goes on'),
    removed: Removed,
    error: z.string().nullable().describe('Why the last try ended; it is tried again'),
  })
  .meta({ id: 'CleanUp' });
export type CleanUp = z.infer<typeof CleanUp>;

export const CleanUpList = z
  .object({ clean_ups: z.array(CleanUp).describe('The newest first') })
  .meta({ id: 'CleanUpList' });
export type CleanUpList = z.infer<typeof CleanUpList>;

export const CleanUpRequest = z
  .strictObject({ dry_run: z.boolean().optional().describe('Count only, remove nothing') })
  .meta({ id: 'CleanUpRequest' });

export const CleanUpQuery = z.strictObject({ wait: Wait.optional() });
