import type pg from 'pg';
import { Fault, messageOf } from '../../runtime/fault.ts';
import type { Delivered } from '../../workflows/activities.ts';
import type { HostResult } from '../protocol.ts';
import { countOf } from './count-writes.ts';
import { claimDelivery, ensureLedger, recordDelivery } from './delivery.ts';
import {
  connectionFault,
  inTransaction,
  statementCode,
  withPostgres,
  type PostgresError,
} from './postgres.ts';
import { columnsOf, loadTable } from './postgres-load.ts';
import { deliver, STAGING } from './deliver.ts';
import { identifier } from './quote.ts';
import type { Attempt } from './run-request.ts';
import { prepareTarget, targetOf, type Target, type WriteTableWork } from './target-table.ts';
import { onlyInput } from './write-file.ts';

/**
 * Writes the one input to a table. Data and ledger commit together, so that a second attempt finds
 * either nothing or a delivery that is done; and so a connection that is lost on the way costs no attempt.
 */
export async function writeTable(attempt: Attempt, work: WriteTableWork): Promise<HostResult> {
  const target = targetOf(work);
  const state = { begun: false };
  const deliverAll = () =>
    withPostgres(work.connection, async (client) => {
      state.begun = true;
      return deliverIn(client, attempt, work, target);
    });
  try {
    return await deliverAll();
  } catch (error) {
    if (!state.begun || !(error instanceof Fault) || error.code !== 'connection.unavailable')
      throw error;
    console.warn(`${error.message}; delivering again`);
    return await deliverAll();
  }
}

async function deliverIn(
  client: pg.Client,
  attempt: Attempt,
  work: WriteTableWork,
  target: Target,
): Promise<HostResult> {
  try {
    await ensureLedger(client);
    const delivered = await inTransaction(client, () => deliverOnce(attempt, work, target, client));
    return { rows: countOf(delivered), delivered };
  } catch (error) {
    throw connectionFault(error, work.connection) ?? tableFault(error, target);
  }
}

async function deliverOnce(
  { request, database, scratch }: Attempt,
  { mode }: WriteTableWork,
  target: Target,
  client: pg.Client,
): Promise<Delivered> {
  const earlier = await claimDelivery(client, request.run);
  if (earlier) return earlier;
  const { alias } = onlyInput(request, `Table ${target.name}`);
  const duck = await database.connect();
  const columns = await columnsOf(duck, alias);
  await prepareTarget(client, target, columns);
  const names = columns.map(({ name }) => identifier(name)).join(', ');
  await client.query(
    `CREATE TEMP TABLE ${STAGING} ON COMMIT DROP AS SELECT ${names} FROM ${target.table} WITH NO DATA`,
  );
  await loadTable(client, duck, { alias, columns, table: STAGING, scratch });
  const delivered = await deliver(client, target, columns, mode);
  await recordDelivery(client, request.run, delivered);
  return delivered;
}

function tableFault(error: unknown, { name }: Target): unknown {
  const { code, detail, where } = error as PostgresError;
  if (error instanceof Fault || code?.length !== 5) return error;
  const more = [detail, where?.split('\n')[0]].filter((text) => text !== undefined).join(' · ');
  const text = `Table ${name}: ${messageOf(error)}${more === '' ? '' : ` (${more})`}`;
  return new Fault(statementCode(error, 'output.invalid'), text, { cause: error });
}
