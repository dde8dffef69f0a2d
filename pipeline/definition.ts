import * as z from 'zod';
import { AnomalyRules } from './anomalies.ts';
import { BlockDefinition } from './block.ts';
import { Concurrency } from './concurrency.ts';
import { Connection } from './connection.ts';
import { Key } from './name.ts';
import { NoticeSettings } from './notices.ts';
import { ParamDefinition } from './param.ts';
import { PolicyDefaults } from './policy.ts';
import { PoolDefinition } from './pool.ts';
import { Retention } from './retention.ts';
import { Triggers } from './triggers.ts';

const Threshold = z.strictObject({
  number: z.int().min(1).max(1_000_000),
  datepart: z.enum(['minute', 'hour', 'day', 'week', 'month', 'year']),
});

/** One file of `pipelines/`. */
export const PipelineDefinition = z.strictObject({
  description: z.string().default(''),
  type: z.string().min(1).max(150).default('general'),
  tags: z.array(z.string().min(1)).default([]),
  metadata: z
    .record(z.string(), z.json())
    .optional()
    .describe('Facts for people and tools, such as its owner; kept with the pipeline'),
  active: z
    .boolean()
    .optional()
    .describe('false: nobody waits for its data, and its freshness and timeliness are not checked'),
  mute: z
    .array(z.enum(['freshness', 'timeliness']))
    .optional()
    .describe('What is checked, but told to nobody'),
  params: z.record(Key, ParamDefinition).default({}),
  watermark: z
    .strictObject({ block: z.string().min(1), column: z.string().min(1) })
    .optional()
    .describe('The next watermark is the greatest value of this column in this block’s output'),
  freshness: Threshold.optional().describe('Its data should change at least this often'),
  timeliness: Threshold.optional().describe('A run should end within this'),
  anomalies: AnomalyRules.optional().describe('By metric: when a run counts as odd'),
  retention: Retention.optional().describe('How long its runs and what they leave are kept'),
  concurrency: Concurrency.optional().describe('How many of its runs may be under way at once'),
  defaults: PolicyDefaults.optional(),
  blocks: z.record(Key, BlockDefinition),
  triggers: Triggers.optional().describe('What makes it run by itself'),
});
export type PipelineDefinition = z.infer<typeof PipelineDefinition>;

/** The file `highwater.yaml`. */
export const ProjectDefinition = z.strictObject({
  name: z.string().min(1).max(150),
  description: z.string().optional(),
  connections: z.record(Key, Connection).default({}),
  artifacts: z
    .strictObject({ type: z.literal('local'), path: z.string().min(1).optional() })
    .optional()
    .describe('Where outputs of blocks are kept'),
  defaults: PolicyDefaults.extend({ retention: Retention.optional() }).optional(),
  python: z
    .strictObject({ requirements: z.string().min(1).optional() })
    .optional()
    .describe('requirements: the file of packages, requirements.txt when left out'),
  pools: z.record(Key, PoolDefinition).optional().describe('Limits that pipelines share'),
  notices: NoticeSettings.optional().describe('Who is told when something is wrong'),
});
export type ProjectDefinition = z.infer<typeof ProjectDefinition>;
