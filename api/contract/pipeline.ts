import * as z from 'zod';
import { RunSummary } from './run.ts';
import { Time } from './time.ts';

export const DefinitionError = z
  .object({
    file: z.string(),
    line: z.int(),
    column: z.int(),
    code: z.string(),
    message: z.string(),
    excerpt: z.string().describe('The line itself'),
  })
  .meta({ id: 'DefinitionError' });

export const ParamSpec = z
  .object({
    type: z.enum(['string', 'integer', 'number', 'boolean', 'date', 'object', 'array']),
    required: z.boolean(),
    default: z.unknown().optional(),
    description: z.string().optional(),
    pattern: z.string().optional(),
    enum: z.array(z.unknown()).optional(),
    minimum: z.number().optional(),
    maximum: z.number().optional(),
  })
  .meta({ id: 'ParamSpec' });
export type ParamSpec = z.infer<typeof ParamSpec>;

const Threshold = z.object({ number: z.number(), datepart: z.string() });

const Links = z.object({ self: z.string(), runs: z.string() });

/** A pipeline as its file stands now. A broken file has errors and shows what was good last. */
export const PipelineSummary = z
  .object({
    name: z.string(),
    description: z.string(),
    type: z.string(),
    tags: z.array(z.string()),
    valid: z.boolean(),
    errors: z.array(DefinitionError).describe('What keeps its file from being used'),
    links: Links,
  })
  .meta({ id: 'PipelineSummary' });
export type PipelineSummary = z.infer<typeof PipelineSummary>;

export const PipelineList = z
  .object({ pipelines: z.array(PipelineSummary) })
  .meta({ id: 'PipelineList' });
export type PipelineList = z.infer<typeof PipelineList>;

export const Pipeline = PipelineSummary.extend({
  plan: z.string().nullable().describe('Hash of the plan that a new run starts with'),
  params: z.record(z.string(), ParamSpec),
  blocks: z.array(z.object({ name: z.string(), kind: z.string(), after: z.array(z.string()) })),
  watermark: z.object({ block: z.string(), column: z.string() }).nullable(),
  active: z.boolean().describe('False: its freshness and timeliness are not checked'),
  metadata: z.record(z.string(), z.unknown()).nullable(),
  taken_over: z
    .object({ at: Time, from: z.record(z.string(), z.unknown()) })
    .nullable()
    .describe('When its file took it over from whoever reported it, and what they had declared'),
  freshness: Threshold.nullable(),
  timeliness: Threshold.nullable(),
  last_run: RunSummary.nullable(),
}).meta({ id: 'Pipeline' });
export type Pipeline = z.infer<typeof Pipeline>;
