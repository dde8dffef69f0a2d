import type { FileFormat } from '../../plan/plan.ts';
import type { HostResult, HostWork } from '../protocol.ts';
import { literal } from './quote.ts';
import type { Attempt } from './run-request.ts';
import { writeQuery } from './write-query.ts';

type ReadFileWork = Extract<HostWork, { type: 'read_file' }>;

/** Whole files decide on the types of columns, not a sample of them. */
const READERS: Readonly<Record<FileFormat, (file: string) => string>> = {
  csv: (file) => `read_csv(${file}, sample_size = -1, union_by_name = true)`,
  json: (file) =>
    `read_json(${file}, sample_size = -1, union_by_name = true, maximum_object_size = 268435456)`,
  parquet: (file) => `read_parquet(${file}, union_by_name = true)`,
};

/** Reads a file, or all files that match a pattern, into one table. */
export function readFile(attempt: Attempt, { file, format }: ReadFileWork): Promise<HostResult> {
  const text = `FROM ${READERS[format](literal(file))}`;
  return writeQuery(attempt, { text, values: {}, written: { file } });
}
