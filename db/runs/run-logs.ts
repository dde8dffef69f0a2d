import type { JsonObject } from '../../runtime/json.ts';
import type { Db } from '../database.ts';

const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
type LogLevel = (typeof LOG_LEVELS)[number];

export interface LogRecord {
  readonly id: number;
  readonly block: string;
  readonly attempt: number;
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: JsonObject | null;
  readonly logged_at: Date;
}

export interface LogFilter {
  readonly block?: string | undefined;
  /** This level and those above it. */
  readonly level?: LogLevel | undefined;
  /** Only lines that were stored after this one. */
  readonly after: number;
  readonly limit: number;
}

/** Lines of a run in the order in which they were stored. */
export async function listLogLines(
  db: Db,
  executionId: number,
  { block, level, after, limit }: LogFilter,
): Promise<LogRecord[]> {
  const levels = LOG_LEVELS.slice(level ? LOG_LEVELS.indexOf(level) : 0);
  const rows = await db
    .selectFrom('log_line')
    .select(['id', 'block', 'attempt', 'level', 'message', 'fields', 'logged_at'])
    .where('execution_id', '=', executionId)
    .where('id', '>', after)
    .where('level', 'in', levels)
    .$if(block !== undefined, (query) => query.where('block', '=', block ?? ''))
    .orderBy('id')
    .limit(limit)
    .execute();
  return rows.map((row) => ({
    ...row,
    level: row.level as LogLevel,
    fields: row.fields as JsonObject | null,
  }));
}
