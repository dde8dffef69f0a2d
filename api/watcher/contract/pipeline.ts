import * as z from 'zod';
import { describe } from '../document.ts';
import { dictionary, flag, id, mark, maybe, model, sometimes, text, type Rule } from '../fields.ts';
import { promises } from './pipeline-type.ts';

type Promised = Partial<Record<keyof typeof promises, unknown>>;

const together = (promise: 'freshness' | 'timeliness'): Rule<Promised> => [
  `Both ${promise}_number and ${promise}_datepart must be provided together`,
  (post) =>
    ((post[`${promise}_number`] ?? null) === null) ===
    ((post[`${promise}_datepart`] ?? null) === null),
];

export const PipelinePost = model(
  'PipelinePostInput',
  {
    name: text({ min: 1, max: 150 }),
    pipeline_type_name: text({ min: 1, max: 150 }),
    next_watermark: maybe(mark()),
    pipeline_metadata: maybe(dictionary()),
    ...promises,
  },
  together('freshness'),
  together('timeliness'),
);
export type PipelinePost = z.infer<typeof PipelinePost>;

/** `pipeline_id` is what the Python SDK sends for `id`. */
export const PipelinePatch = model(
  'PipelinePatchInput',
  {
    id: maybe(id()),
    pipeline_id: maybe(id()),
    name: sometimes(text({ min: 1, max: 150 })),
    pipeline_type_id: sometimes(id()),
    watermark: maybe(mark()),
    next_watermark: maybe(mark()),
    pipeline_metadata: maybe(dictionary()),
    ...promises,
    mute_freshness_check: sometimes(flag()),
    mute_timeliness_check: sometimes(flag()),
    load_lineage: sometimes(flag()),
    active: sometimes(flag()),
  },
  [
    "Either 'id' or 'name' must be provided",
    (patch) => (patch.id ?? patch.pipeline_id ?? patch.name) !== undefined,
  ],
);
export type PipelinePatch = z.infer<typeof PipelinePatch>;

const PipelinePostOutput = z
  .object({
    id: z.int(),
    active: z.boolean(),
    load_lineage: z.boolean(),
    watermark: z
      .string()
      .nullable()
      .describe('Told when a next watermark was sent for a pipeline that exists'),
  })
  .meta({ id: 'PipelinePostOutput' });
export type PipelinePostOutput = z.infer<typeof PipelinePostOutput>;

const time = () => z.iso.datetime().nullable();

const Pipeline = z
  .object({
    id: z.int(),
    name: z.string(),
    pipeline_type_id: z.int(),
    watermark: z.string().nullable(),
    next_watermark: z.string().nullable(),
    pipeline_metadata: z.record(z.string(), z.unknown()).nullable(),
    last_target_insert: time(),
    last_target_update: time(),
    last_target_soft_delete: time(),
    freshness_number: z.int().nullable(),
    freshness_datepart: z.string().nullable(),
    mute_freshness_check: z.boolean(),
    timeliness_number: z.int().nullable(),
    timeliness_datepart: z.string().nullable(),
    mute_timeliness_check: z.boolean(),
    load_lineage: z.boolean(),
    active: z.boolean(),
    input_hash: z.string().nullable(),
    created_at: z.iso.datetime(),
    updated_at: time(),
  })
  .meta({ id: 'WatcherPipeline' });

const path = '/pipeline';

export const PIPELINE_PATHS = [
  describe({
    ...{ method: 'post', path, summary: 'Create a pipeline, or find and update it by its name' },
    body: PipelinePost,
    answers: { 200: PipelinePostOutput, 201: PipelinePostOutput },
  }),
  describe({
    ...{ method: 'get', path, summary: 'Every pipeline' },
    answers: { 200: z.array(Pipeline) },
  }),
  describe({
    ...{ method: 'patch', path, summary: 'Change a pipeline, its watermark or its flags' },
    body: PipelinePatch,
    answers: { 200: Pipeline },
    problems: [400, 404, 409],
  }),
  describe({
    ...{ method: 'get', path: `${path}/{pipeline_id}`, summary: 'One pipeline' },
    params: z.object({ pipeline_id: z.int() }),
    answers: { 200: Pipeline },
    problems: [404],
  }),
];
