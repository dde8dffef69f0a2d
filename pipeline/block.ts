import * as z from 'zod';
import { Key } from './name.ts';
import { PolicyFields, Retry } from './policy.ts';
import { PoolUse } from './pool.ts';
import { SensorFields } from './sensor.ts';

const Reference = z.string().min(1);
const File = z.string().min(1);
const Format = z.enum(['csv', 'json', 'parquet']);
const Table = z
  .string()
  .regex(/^[^\s".]+(\.[^\s".]+)?$/, 'must be a table, or schema.table, without quotes');

const Inputs = z
  .union([z.array(Reference), z.record(Key, Reference)])
  .describe('Blocks whose output it reads: a list, or alias: block');

const FromFile = z.strictObject({ file: File, format: Format.optional() });
const FromConnection = z.strictObject({
  connection: Reference,
  table: Table.optional(),
  query: z.string().min(1).optional(),
});
const ToFile = z.strictObject({ file: File, format: Format.optional() });
const ToConnection = z.strictObject({
  connection: Reference,
  table: Table,
  mode: z.enum(['append', 'replace', 'merge']).default('append'),
  keys: z.array(z.string().min(1)).min(1).optional(),
  soft_delete: z
    .string()
    .min(1)
    .optional()
    .describe('The column that marks rows as deleted: true, or the time when. With mode: merge'),
});

const after = z.array(Reference).optional().describe('Blocks it waits for without reading them');
const on_failure = z.enum(['fail', 'continue']).optional();
const order = { after, ...PolicyFields, on_failure };
const pool = PoolUse.optional().describe('The pool of which each attempt holds a slot');
const code = {
  file: File.optional().describe('A .sql, .ts or .py file below blocks/'),
  connection: Reference.optional().describe('Where its SQL runs; DuckDB when left out'),
  inputs: Inputs.optional(),
};

const Loader = z.strictObject({
  kind: z.literal('loader'),
  ...code,
  from: z.union([FromFile, FromConnection]).optional(),
  pool,
  ...order,
});
const Transformer = z.strictObject({ kind: z.literal('transformer'), ...code, pool, ...order });
const Exporter = z.strictObject({
  kind: z.literal('exporter'),
  ...code,
  to: z.union([ToFile, ToConnection]).optional(),
  pool,
  ...order,
});
const Custom = z.strictObject({ kind: z.literal('custom'), ...code, pool, ...order });
const Sensor = z.strictObject({
  kind: z.literal('sensor'),
  ...code,
  ...SensorFields,
  after,
  retry: Retry.optional().describe('Of a check that fails, as against one that says no'),
  on_failure,
});
const SubPipeline = z.strictObject({
  kind: z.literal('pipeline'),
  pipeline: Reference.optional(),
  params: z.record(Key, z.json()).optional(),
  inputs: Inputs.optional(),
  ...order,
});

export const BlockDefinition = z.discriminatedUnion('kind', [
  Loader,
  Transformer,
  Exporter,
  Custom,
  Sensor,
  SubPipeline,
]);
export type BlockDefinition = z.infer<typeof BlockDefinition>;

/** A block that waits until something is so. */
export type SensorBlock = Extract<BlockDefinition, { kind: 'sensor' }>;

/** A block that is not a sub-pipeline. */
export type WorkingBlock = Exclude<BlockDefinition, { kind: 'pipeline' }>;

/** The keys that one kind of block or another takes. */
export const BLOCK_KEYS: ReadonlySet<string> = new Set(
  BlockDefinition.options.flatMap((option) => Object.keys(option.shape)),
);
