import { sql, type RawBuilder } from 'kysely';

/**
 * Whether a run still has its row: a clean-up may have taken it. One look by its key for each row that asks: Postgres
 * reckons with thousands of rows in JSON, and would join them to a scan of all runs were this an `exists`.
 */
export function isOnRecord(run: RawBuilder<unknown>): RawBuilder<boolean> {
  return sql`(select true from pipeline_execution on_record where on_record.id = ${run})`;
}
