import * as z from 'zod';
import { SoughtName } from './query.ts';

const LineageAddress = z
  .object({
    id: z.int(),
    name: z.string().describe('Namespace and name, as in OpenLineage'),
    type: z.string(),
    group: z.string().describe('`database`, `file`, …'),
    depth: z.int().describe('Edges between it and the address that was asked about'),
    columns: z
      .array(z.string())
      .nullable()
      .optional()
      .describe('Of a question about a column: those that have to do with it; null: may be any'),
  })
  .meta({ id: 'LineageAddress' });
export type LineageAddress = z.infer<typeof LineageAddress>;

const ColumnFlow = z
  .object({
    pipeline: z.string(),
    from: z.string().describe('`*` is every column but `except`, under its own name'),
    to: z.string(),
    except: z.array(z.string()).optional(),
  })
  .meta({ id: 'ColumnFlow' });
export type ColumnFlow = z.infer<typeof ColumnFlow>;

const LineageEdge = z
  .object({
    source: z.int(),
    target: z.int(),
    pipelines: z.array(z.string()),
    columns: z.array(ColumnFlow).optional().describe('When columns are asked for, and known'),
  })
  .meta({ id: 'LineageEdge' });

/** What an address is made from, or what is made from it. */
export const Lineage = z
  .object({
    address: z.object({ id: z.int(), name: z.string() }),
    direction: z.enum(['upstream', 'downstream']),
    addresses: z
      .array(LineageAddress)
      .describe('The nearest first; the address itself has depth 0'),
    edges: z.array(LineageEdge),
  })
  .meta({ id: 'Lineage' });
export type Lineage = z.infer<typeof Lineage>;

const AffectedPipeline = z
  .object({
    name: z.string(),
    type: z.string(),
    tags: z.array(z.string()),
    active: z.boolean(),
    depth: z.int().describe('1: it reads the address itself'),
    reads: z.array(z.string()).describe('The affected addresses that it reads'),
    writes: z.array(z.string()).describe('The addresses that are affected through it'),
  })
  .meta({ id: 'AffectedPipeline' });
export type AffectedPipeline = z.infer<typeof AffectedPipeline>;

/** What has to do with a change of an address, or of one of its columns. */
export const Impact = Lineage.omit({ direction: true, edges: true })
  .extend({ pipelines: z.array(AffectedPipeline).describe('The nearest first') })
  .meta({ id: 'Impact' });
export type Impact = z.infer<typeof Impact>;

const Depth = z
  .string()
  .regex(/^[1-9]\d{0,5}$/, 'must be a whole number from 1')
  .transform(Number)
  .meta({ type: 'integer', minimum: 1 });

export const LineageQuery = z.strictObject({
  address: z
    .string()
    .min(1)
    .max(600)
    .regex(/^[^\0]*$/, 'must not hold U+0000')
    .describe('Its id, its name, or the end of its name when no other ends like it'),
  depth: Depth.optional().describe('At most so many edges away; as far as they lead when left out'),
  columns: z
    .enum(['true', 'false'])
    .transform((text) => text === 'true')
    .default(false)
    .meta({ type: 'boolean', description: 'Whether each edge tells what it knows of columns' }),
  column: SoughtName.min(1).optional().describe('Only what has to do with this column'),
});
export type LineageQuery = z.infer<typeof LineageQuery>;
