import * as z from 'zod';
import { ActorIfSaid } from './actor.ts';
import { Limit } from './query.ts';
import { Time } from './time.ts';

const Type = z
  .enum(['date', 'number', 'text'])
  .nullable()
  .describe('How its values are compared; null: as they look, if they look like numbers or dates');
const Value = z.string().nullable();

export const Watermark = z
  .object({
    pipeline: z.string(),
    value: Value.describe('Up to where its data are loaded; null before the first load'),
    type: Type,
    next_watermark: Value.describe('Where the next execution will end, if it was reported'),
    open_runs: z.array(z.int()).describe('Those that have read it and have not ended'),
    links: z.object({ self: z.string(), history: z.string() }),
  })
  .meta({ id: 'Watermark' });
export type Watermark = z.infer<typeof Watermark>;

/** A place to go on from. */
export const WatermarkRequest = z
  .strictObject({
    value: z
      .union([
        z.string().min(1).max(50),
        z.number().transform((number) => String(number)),
        z.null(),
      ])
      .describe('The next run loads what lies beyond it; null: everything')
      .meta({ type: ['string', 'number', 'null'], maxLength: 50 }),
    reason: z.string().min(1).max(1000).optional().describe('Why; it is kept on record'),
    actor: ActorIfSaid,
    dry_run: z.boolean().optional().describe('Only tell what would happen'),
  })
  .meta({ id: 'WatermarkRequest' });
export type WatermarkRequest = z.infer<typeof WatermarkRequest>;

const Window = z.object({
  run: z.int(),
  from: Value,
  to: z.string(),
  rows: z.int().nullable().describe('Rows that the run inserted, updated and deleted'),
});

/** What setting a watermark does, or would do. */
export const WatermarkSetting = z
  .object({
    pipeline: z.string(),
    from: Value,
    to: Value,
    type: Type,
    direction: z
      .enum(['back', 'forward', 'none', 'unknown'])
      .describe('`back`: the next run loads again; `forward`: what lies between is never loaded'),
    dry_run: z.boolean(),
    changed: z.boolean(),
    open_runs: z.array(z.int()).describe('They will leave the watermark where it was put'),
    again: z
      .object({
        runs: z.int(),
        rows: z.int(),
        windows: z.array(Window).describe('The newest first; at most 100'),
      })
      .nullable()
      .describe('What successful runs have loaded beyond the new value; null: nobody can tell'),
  })
  .meta({ id: 'WatermarkSetting' });
export type WatermarkSetting = z.infer<typeof WatermarkSetting>;

const Change = z.object({
  id: z.int(),
  changed_at: Time,
  moved: z.boolean().describe('False: it was refused, and the watermark stayed'),
  kind: z.enum(['run', 'full_load', 'reported', 'set']),
  from: Value,
  to: Value,
  type: Type,
  actor: z.string(),
  reason: z.string(),
  run: z.int().nullable(),
});
export type WatermarkChange = z.infer<typeof Change>;

export const WatermarkHistory = z
  .object({
    pipeline: z.string(),
    changes: z.array(Change).describe('The newest first'),
    cursor: z.string().nullable().describe('Where the next page begins; null on the last'),
  })
  .meta({ id: 'WatermarkHistory' });
export type WatermarkHistory = z.infer<typeof WatermarkHistory>;

export const WatermarkHistoryQuery = z.strictObject({
  cursor: z.string().max(200).optional(),
  limit: Limit.optional(),
});
