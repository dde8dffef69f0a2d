import type { BlockDefinition, WorkingBlock } from '../pipeline/block.ts';
import { formatOf } from '../pipeline/format.ts';
import { languageOf } from '../pipeline/language.ts';
import { Fault } from '../runtime/fault.ts';
import type { BlockSource, FileFormat, Hash, Work } from './plan.ts';

/** What a block's work refers to: hashes of sub-pipelines' plans and sources of files. */
export interface WorkParts {
  readonly plans: ReadonlyMap<string, Hash>;
  readonly sources: ReadonlyMap<string, BlockSource>;
}

export function workOf(name: string, block: BlockDefinition, parts: WorkParts): Work {
  if (block.kind === 'pipeline') return runOf(name, block, parts);
  const work = codeOf(block, parts) ?? readOf(block) ?? writeOf(block);
  if (!work) throw new Fault('pipeline.invalid', `Block ${name} has nothing to do`);
  return work;
}

function runOf(
  name: string,
  { pipeline = '', params = {} }: Extract<BlockDefinition, { kind: 'pipeline' }>,
  { plans }: WorkParts,
): Work {
  const plan = plans.get(pipeline);
  if (plan === undefined) {
    throw new Fault(
      'pipeline.invalid',
      `Block ${name} runs the pipeline ${pipeline}, which is not there`,
    );
  }
  return { type: 'pipeline', pipeline, plan, params };
}

function codeOf({ file, connection }: WorkingBlock, { sources }: WorkParts): Work | undefined {
  if (file === undefined) return undefined;
  const source = sources.get(file)?.hash;
  const language = languageOf(file);
  if (source === undefined || language === undefined) {
    throw new Fault('pipeline.invalid', `There is no source for ${file}`);
  }
  return language === 'sql'
    ? { type: 'sql', source, connection: connection ?? null }
    : { type: 'code', language, source };
}

function readOf(block: WorkingBlock): Work | undefined {
  const from = block.kind === 'loader' ? block.from : undefined;
  if (!from) return undefined;
  if ('file' in from) return { type: 'read_file', file: from.file, format: formatIn(from) };
  const query = from.query ?? `select * from ${quoted(from.table ?? '')}`;
  return { type: 'read_table', connection: from.connection, query };
}

function writeOf(block: WorkingBlock): Work | undefined {
  const to = block.kind === 'exporter' ? block.to : undefined;
  if (!to) return undefined;
  if ('file' in to) return { type: 'write_file', file: to.file, format: formatIn(to) };
  const { connection, table, mode, keys = [] } = to;
  return { type: 'write_table', connection, table, mode, keys };
}

function formatIn({ file, format }: { file: string; format?: FileFormat | undefined }): FileFormat {
  const known = format ?? formatOf(file);
  if (known) return known;
  throw new Fault('pipeline.invalid', `The ending of ${file} names no format`);
}

/** `schema.table` becomes `"schema"."table"`. */
function quoted(table: string): string {
  return table
    .split('.')
    .map((part) => `"${part}"`)
    .join('.');
}
