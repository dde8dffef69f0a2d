import * as z from 'zod';
import { CAUSE_KINDS } from '../../metadata/why-late.ts';
import { Freshness, Timeliness } from './standing.ts';
import { Time } from './time.ts';

const Cause = z
  .object({
    kind: z.enum(CAUSE_KINDS),
    depth: z.int().describe('What explains a cause follows it, one level deeper'),
    pipeline: z.string().describe('Which pipeline it is about'),
    message: z.string(),
    since: Time.nullable(),
    run: z.int().nullable(),
    block: z.string().nullable(),
    evidence: z.array(z.object({ key: z.string(), value: z.string() })),
  })
  .meta({ id: 'Cause' });

export const WhyLate = z
  .object({
    pipeline: z.string(),
    late: z.boolean().describe('Its data or its runs are'),
    freshness: Freshness,
    timeliness: Timeliness,
    causes: z.array(Cause).describe('What was found, the likeliest first'),
    chain: z
      .array(z.string())
      .describe('From the first cause to its root, one sentence for each link'),
  })
  .meta({ id: 'WhyLate' });
export type WhyLate = z.infer<typeof WhyLate>;
