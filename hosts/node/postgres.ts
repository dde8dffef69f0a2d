import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { Fault, messageOf, type FaultCode } from '../../runtime/fault.ts';
import type { HostConnection } from '../protocol.ts';

const CONNECT_MS = 10_000;
/** A server that is being started anew is waited for this long; after that the attempt has failed. */
const PATIENCE_MS = 25_000;
const ASK_AGAIN_MS = 500;

/** From Postgres 14: a transaction whose host was killed gives up its locks at once, not at its end. */
const NOTICE_LOSS = `SELECT set_config(name, '1s', false) FROM pg_settings
  WHERE name = 'client_connection_check_interval'`;

/** Class 08 is the connection's; the rest: shutdown, start-up, too many clients. */
const AWAY_STATES = /^(08...|57P0.|53300)$/;
const AWAY_SYSTEM =
  /^(ECONNREFUSED|ECONNRESET|EPIPE|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH)$/;
const AWAY_MESSAGE =
  /timeout expired|Connection terminated|Client has encountered a connection error/;
/** A bad password, and a database that does not exist. */
const REFUSED_STATES = /^(28...|3D000)$/;
/** Serialization failures, deadlocks, lock timeouts, cancelled statements, a full disk. */
const PASSING_STATES = /^(40...|55P03|57014|53...|58...)$/;

export interface PostgresError {
  /** SQLSTATE, or Node's name of a system error. */
  readonly code?: string;
  readonly message: string;
  readonly detail?: string;
  readonly where?: string;
  readonly hint?: string;
  /** From 1, in characters of the statement. */
  readonly position?: string;
}

/** Connects, and closes the connection when `use` is done. Rows come as text in UTC. `use` runs once. */
export async function withPostgres<T>(
  connection: HostConnection,
  use: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = await connect(connection);
  try {
    return await use(client);
  } catch (error) {
    throw connectionFault(error, connection) ?? error;
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function connect(connection: HostConnection): Promise<pg.Client> {
  const end = Date.now() + PATIENCE_MS;
  for (let told = false; ; told = true) {
    const client = createClient(connection);
    client.on('error', () => undefined);
    try {
      await client.connect();
      await client.query(NOTICE_LOSS);
      return client;
    } catch (error) {
      await client.end().catch(() => undefined);
      const fault = connectionFault(error, connection);
      if (fault?.code !== 'connection.unavailable' || Date.now() > end) throw fault ?? error;
      if (!told) console.warn(`${fault.message}; asking again for ${PATIENCE_MS / 1000} s`);
    }
    await sleep(ASK_AGAIN_MS);
  }
}

/** What is wrong with the connection itself, in words that hold no secret; undefined for other errors. */
export function connectionFault(error: unknown, { name }: HostConnection): Fault | undefined {
  const { code = '' } = error as PostgresError;
  const message = saidBy(error);
  if (REFUSED_STATES.test(code)) {
    return new Fault('connection.invalid', `Connection ${name} was refused: ${message}`);
  }
  const away = AWAY_STATES.test(code) || AWAY_SYSTEM.test(code) || AWAY_MESSAGE.test(message);
  if (!away || error instanceof Fault) return undefined;
  return new Fault('connection.unavailable', `Connection ${name} does not answer: ${message}`);
}

/** The code for an error of a statement: `invalid`, unless it may pass by itself. */
export function statementCode(error: unknown, invalid: FaultCode): FaultCode {
  const { code = '' } = error as PostgresError;
  return code === '' || PASSING_STATES.test(code) ? 'block.failed' : invalid;
}

/** Runs statements in one transaction. */
export async function inTransaction<T>(client: pg.Client, run: () => Promise<T>): Promise<T> {
  await client.query('BEGIN');
  try {
    const result = await run();
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

function createClient({ name, url }: HostConnection): pg.Client {
  if (!/^postgres(ql)?:$/.test(URL.canParse(url) ? new URL(url).protocol : '')) {
    const form = 'postgres://user:password@host:5432/database';
    throw new Fault('connection.invalid', `Connection ${name} has no usable url: write ${form}`);
  }
  return new pg.Client({
    connectionString: url,
    application_name: 'highwater',
    connectionTimeoutMillis: CONNECT_MS,
    keepAlive: true,
    options: '-c TimeZone=UTC -c IntervalStyle=postgres -c DateStyle=ISO',
    types: { getTypeParser: () => (text: string) => text },
  });
}

/** A host with several addresses fails with one error for each. */
function saidBy(error: unknown): string {
  return error instanceof AggregateError
    ? error.errors.map(messageOf).join('; ')
    : messageOf(error);
}
