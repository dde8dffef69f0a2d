import type { BlockDefinition, SensorBlock, WorkingBlock } from '../pipeline/block.ts';
import { durationMs } from '../pipeline/duration.ts';
import { formatOf } from '../pipeline/format.ts';
import { languageOf } from '../pipeline/language.ts';
import { Fault } from '../runtime/fault.ts';
import type { BlockSource, Check, FileFormat, Hash, SensorTimes, Work } from './plan.ts';

/** What a block's work refers to: hashes of sub-pipelines' plans and sources of files. */
export interface WorkParts {
  readonly plans: ReadonlyMap<string, Hash>;
  readonly sources: ReadonlyMap<string, BlockSource>;
}

export function workOf(name: string, block: BlockDefinition, parts: WorkParts): Work {
  if (block.kind === 'pipeline') return runOf(name, block, parts);
  const work = codeOf(block, parts) ?? readOf(block) ?? writeOf(block) ?? checkOf(block);
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
  const { connection, table, mode, keys = [], soft_delete: softDelete } = to;
  const work = { type: 'write_table', connection, table, mode, keys } as const;
  return softDelete === undefined ? work : { ...work, softDelete };
}

function checkOf(block: WorkingBlock): Check | undefined {
  const until = block.kind === 'sensor' ? block.until : undefined;
  if (!until) return undefined;
  if ('file' in until) return { type: 'check_file', file: until.file };
  if ('query' in until) {
    const { query, connection = null } = until;
    return { type: 'check_query', query, connection };
  }
  if ('pipeline' in until) {
    const { pipeline, within } = until;
    const withinMs = within === undefined ? null : durationMs(within);
    return { type: 'check_pipeline', pipeline, withinMs };
  }
  const { url, method, status = [], headers } = until;
  return { type: 'check_url', url, method, headers, statuses: [status].flat() };
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** How often a sensor looks and how long it waits, with every default filled in. */
export function timesOf(block: SensorBlock): SensorTimes {
  const ms = (text: string | undefined, otherwise: number) =>
    text === undefined ? otherwise : durationMs(text);
  const intervalMs = ms(block.interval, MINUTE_MS);
  return {
    intervalMs,
    backoff: block.backoff ?? 1,
    maxMs: Math.max(intervalMs, ms(block.max_interval, HOUR_MS)),
    timeoutMs: ms(block.timeout, 24 * HOUR_MS),
    softFail: block.soft_fail ?? false,
  };
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
