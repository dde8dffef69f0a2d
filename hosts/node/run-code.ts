import type { HostResult, HostWork } from '../protocol.ts';
import { createContext } from './block-context.ts';
import { loadBlock } from './load-block.ts';
import { queryOf } from './relation.ts';
import type { Attempt } from './run-request.ts';
import type { RowStream } from './sdk.ts';
import { isRow } from './table-writer.ts';
import { writeQuery } from './write-query.ts';
import { writeRows } from './write-rows.ts';
import { writeValue } from './write-value.ts';

type CodeWork = Extract<HostWork, { type: 'code' }>;

/** Calls a block's function, and stores what it returns. */
export async function runCode(attempt: Attempt, { folder, entry }: CodeWork): Promise<HostResult> {
  const { request } = attempt;
  const run = await loadBlock(folder, entry, request.projectDir);
  const returned: unknown = await run(await createContext(attempt));
  if (returned === undefined) return { rows: null };
  const query = queryOf(returned);
  if (query) return writeQuery(attempt, query);
  if (isTable(returned)) return writeRows(attempt, returned, run.columns ?? {});
  return writeValue(request.output, returned);
}

function isTable(returned: unknown): returned is RowStream {
  if (typeof returned !== 'object' || returned === null) return false;
  if (Array.isArray(returned)) return returned.every(isRow);
  return Symbol.asyncIterator in returned || Symbol.iterator in returned;
}
