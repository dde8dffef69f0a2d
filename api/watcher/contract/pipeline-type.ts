import * as z from 'zod';
import { describe } from '../document.ts';
import {
  datepart,
  flag,
  id,
  INT4,
  integer,
  maybe,
  model,
  sometimes,
  text,
  type Rule,
} from '../fields.ts';

const count = () => maybe(integer({ gt: 0, le: INT4 }));

/** How new data must be, and how soon runs must end. */
export const promises = {
  freshness_number: count(),
  freshness_datepart: maybe(datepart()),
  timeliness_number: count(),
  timeliness_datepart: maybe(datepart()),
};

const NAMED: Rule<{ id?: number | null | undefined; name?: string | undefined }> = [
  "Either 'id' or 'name' must be provided",
  (patch) => typeof patch.id === 'number' || patch.name !== undefined,
];

export const PipelineTypePost = model('PipelineTypePostInput', {
  name: text({ min: 1, max: 150 }),
  ...promises,
  mute_freshness_check: flag().default(false),
  mute_timeliness_check: flag().default(false),
});
export type PipelineTypePost = z.infer<typeof PipelineTypePost>;

export const PipelineTypePatch = model(
  'PipelineTypePatchInput',
  {
    id: maybe(id()),
    name: sometimes(text({ min: 1, max: 150 })),
    ...promises,
    mute_freshness_check: sometimes(flag()),
    mute_timeliness_check: sometimes(flag()),
  },
  NAMED,
);
export type PipelineTypePatch = z.infer<typeof PipelineTypePatch>;

export const Created = z.object({ id: z.int() }).meta({ id: 'CreatedOutput' });

const PipelineType = z
  .object({
    id: z.int(),
    name: z.string(),
    freshness_number: z.int().nullable(),
    freshness_datepart: z.string().nullable(),
    mute_freshness_check: z.boolean(),
    timeliness_number: z.int().nullable(),
    timeliness_datepart: z.string().nullable(),
    mute_timeliness_check: z.boolean(),
    created_at: z.iso.datetime(),
    updated_at: z.iso.datetime().nullable(),
  })
  .meta({ id: 'PipelineType' });

const path = '/pipeline_type';

export const PIPELINE_TYPE_PATHS = [
  describe({
    ...{ method: 'post', path, summary: 'Create a pipeline type, or find it by its name' },
    body: PipelineTypePost,
    answers: { 200: Created, 201: Created },
  }),
  describe({
    ...{ method: 'get', path, summary: 'Every pipeline type' },
    answers: { 200: z.array(PipelineType) },
  }),
  describe({
    ...{ method: 'patch', path, summary: 'Change a pipeline type' },
    body: PipelineTypePatch,
    answers: { 200: PipelineType },
    problems: [400, 404],
  }),
  describe({
    ...{ method: 'get', path: `${path}/{pipeline_type_id}`, summary: 'One pipeline type' },
    params: z.object({ pipeline_type_id: z.int() }),
    answers: { 200: PipelineType },
    problems: [404],
  }),
];
