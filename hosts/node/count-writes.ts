import type pg from 'pg';
import type { Delivered } from '../../workflows/activities.ts';

/** What statements answered, and what they wrote if that was counted. */
export interface Counted<Result> {
  readonly result: Result;
  readonly delivered?: Delivered;
}

/**
 * Counts the rows that statements insert and update in the user's tables, however they do it: by what
 * Postgres itself counts for the transaction that they run in. Temporary tables are left out.
 */
export async function countWrites<Result>(
  client: pg.Client,
  run: () => Promise<Result>,
): Promise<Counted<Result>> {
  // A pooled connection may not have told yet what an earlier transaction did.
  const before = await readCounts(client);
  const result = await run();
  const after = await readCounts(client);
  const [inserts, updates] = [after.inserts - before.inserts, after.updates - before.updates];
  return { result, delivered: { inserts, updates, soft_deletes: 0 } };
}

async function readCounts(client: pg.Client): Promise<{ inserts: number; updates: number }> {
  const { rows } = await client.query<{ inserts: string; updates: string }>(
    `SELECT coalesce(sum(n_tup_ins), 0) AS inserts, coalesce(sum(n_tup_upd), 0) AS updates
     FROM pg_stat_xact_user_tables WHERE schemaname NOT LIKE 'pg\\_temp%'`,
  );
  return { inserts: Number(rows[0]?.inserts), updates: Number(rows[0]?.updates) };
}

/** Every row that an exporter took in. */
export function countOf({ inserts, updates, soft_deletes }: Delivered): number {
  return inserts + updates + soft_deletes;
}
