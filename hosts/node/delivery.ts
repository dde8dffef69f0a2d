import type pg from 'pg';
import type { Delivered } from '../../workflows/activities.ts';
import type { HostRun } from '../protocol.ts';

const TABLE = 'highwater_delivery';

const DDL = `
  CREATE TABLE IF NOT EXISTS ${TABLE} (
    run_key text NOT NULL,
    block text NOT NULL,
    inserts bigint NOT NULL,
    updates bigint NOT NULL,
    soft_deletes bigint NOT NULL,
    delivered_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (run_key, block)
  )`;

/** Makes the ledger of deliveries in the target's own database, where it commits with them. */
export async function ensureLedger(client: pg.Client): Promise<void> {
  const found = await client.query<[string | null]>({
    text: 'SELECT to_regclass($1)',
    values: [TABLE],
    rowMode: 'array',
  });
  if (found.rows[0]?.[0] != null) return;
  // Two sessions that create a table at once can fail in spite of IF NOT EXISTS.
  await client.query(`BEGIN; SELECT pg_advisory_xact_lock(hashtext('${TABLE}')); ${DDL}; COMMIT`);
}

/**
 * Claims the delivery of a run's block, within the transaction that delivers. The counts of an
 * earlier attempt if that one committed; an attempt that is still under way is waited for.
 */
export async function claimDelivery(
  client: pg.Client,
  { key, block }: HostRun,
): Promise<Delivered | undefined> {
  const claimed = await client.query(
    `INSERT INTO ${TABLE} (run_key, block, inserts, updates, soft_deletes)
     VALUES ($1, $2, 0, 0, 0) ON CONFLICT DO NOTHING`,
    [key, block],
  );
  if (claimed.rowCount === 1) return undefined;
  const earlier = await client.query<{ inserts: string; updates: string; soft_deletes: string }>(
    `SELECT inserts, updates, soft_deletes FROM ${TABLE} WHERE run_key = $1 AND block = $2`,
    [key, block],
  );
  const [row] = earlier.rows;
  if (!row) throw new Error('The delivery of another attempt vanished while it was read');
  return {
    inserts: Number(row.inserts),
    updates: Number(row.updates),
    soft_deletes: Number(row.soft_deletes),
  };
}

export async function recordDelivery(
  client: pg.Client,
  { key, block }: HostRun,
  { inserts, updates, soft_deletes }: Delivered,
): Promise<void> {
  await client.query(
    `UPDATE ${TABLE} SET inserts = $3, updates = $4, soft_deletes = $5, delivered_at = now()
     WHERE run_key = $1 AND block = $2`,
    [key, block, inserts, updates, soft_deletes],
  );
}
