import type pg from 'pg';
import { Fault, messageOf } from '../../runtime/fault.ts';
import type { HostConnection, HostResult } from '../protocol.ts';
import { countOf, countWrites, type Counted } from './count-writes.ts';
import { parametersOf } from './parameters.ts';
import {
  connectionFault,
  inTransaction,
  statementCode,
  withPostgres,
  type PostgresError,
} from './postgres.ts';
import { columnsOf, loadTable } from './postgres-load.ts';
import { stageResult, type ResultStage } from './postgres-result.ts';
import { numberParameters, type PostgresStatement } from './postgres-statement.ts';
import { identifier } from './quote.ts';
import type { Attempt } from './run-request.ts';
import { queriesOf, type SqlWork } from './run-sql.ts';
import { faultAt } from './sql-fault.ts';
import { firstWord } from './sql-text.ts';
import { writeQuery, type Query } from './write-query.ts';

const FETCH_ROWS = 8_192;
const CURSOR = 'highwater_cursor';
const READING = new Set(['select', 'with', 'values', 'table']);
/**
 * A cursor refuses `with … insert` and `select … into` as wrong syntax, and other changes as not supported. What
 * is wrong all the same is found when the statement runs by itself.
 */
const NOT_FOR_CURSORS = new Set(['42601', '0A000']);

/**
 * Runs SQL in a database of the user's, in one transaction, with the inputs as temporary tables.
 * What the last statement that returns columns returns is the output.
 */
export async function runPostgresSql(
  attempt: Attempt,
  work: SqlWork,
  connection: HostConnection,
): Promise<HostResult> {
  const queries = queriesOf(work, parametersOf(attempt.request));
  const { result: stage, delivered } = await withPostgres(connection, (client) =>
    inTransaction(client, async (): Promise<Counted<ResultStage | undefined>> => {
      await loadInputs(attempt, client);
      const run = async () => {
        let last: ResultStage | undefined;
        for (const query of queries) {
          last = (await runStatement(attempt, client, query, connection)) ?? last;
        }
        return last;
      };
      return work.counted ? countWrites(client, run) : { result: await run() };
    }),
  );
  if (!stage) return delivered ? { rows: countOf(delivered), delivered } : { rows: null };
  const text = await stage.finish();
  const output = await writeQuery(attempt, { text, values: {}, written: { file: work.file } });
  return { ...output, ...(delivered && { delivered }) };
}

async function loadInputs(
  { request, database, scratch }: Attempt,
  client: pg.Client,
): Promise<void> {
  const duck = await database.connect();
  for (const { alias } of request.inputs) {
    const columns = await columnsOf(duck, alias);
    const table = `pg_temp.${identifier(alias)}`;
    const definitions = columns.map(({ name, type }) => `${identifier(name)} ${type}`).join(', ');
    await client.query(`CREATE TEMP TABLE ${table} (${definitions}) ON COMMIT DROP`);
    await loadTable(client, duck, { alias, columns, table, scratch });
    await client.query(`ANALYZE ${table}`);
  }
}

async function runStatement(
  attempt: Attempt,
  client: pg.Client,
  query: Query,
  connection: HostConnection,
): Promise<ResultStage | undefined> {
  const statement = numberParameters(query.text, query.values);
  let prefix = '';
  try {
    if (READING.has(firstWord(query.text)) && (await openCursor())) return await readCursor();
    const result = await client.query<(string | null)[]>({ ...statement, rowMode: 'array' });
    return result.fields.length === 0 ? undefined : await stageAll(result);
  } catch (error) {
    throw connectionFault(error, connection) ?? statementFault(error, query, statement, prefix);
  }

  async function openCursor(): Promise<boolean> {
    await client.query('SAVEPOINT highwater');
    prefix = `DECLARE ${CURSOR} NO SCROLL CURSOR FOR `;
    try {
      await client.query({ ...statement, text: `${prefix}${statement.text}` });
      return true;
    } catch (error) {
      if (!NOT_FOR_CURSORS.has((error as PostgresError).code ?? '')) throw error;
      await client.query('ROLLBACK TO SAVEPOINT highwater');
      prefix = '';
      return false;
    }
  }

  async function readCursor(): Promise<ResultStage> {
    const fetch = { text: `FETCH ${FETCH_ROWS} FROM ${CURSOR}`, rowMode: 'array' as const };
    let result = await client.query<(string | null)[]>(fetch);
    const stage = await stageResult(await attempt.database.connect(), result.fields);
    while (result.rows.length > 0) {
      stage.append(result.rows);
      attempt.progress(stage.rows);
      result = await client.query<(string | null)[]>(fetch);
    }
    await client.query(`CLOSE ${CURSOR}`);
    return stage;
  }

  async function stageAll({ fields, rows }: pg.QueryArrayResult<(string | null)[]>) {
    const stage = await stageResult(await attempt.database.connect(), fields);
    stage.append(rows);
    return stage;
  }
}

/** Shows the place in the user's own text. */
function statementFault(
  error: unknown,
  { written }: Query,
  { originOf }: PostgresStatement,
  prefix: string,
): unknown {
  const { code, position, detail, hint } = error as PostgresError;
  if (error instanceof Fault || code?.length !== 5) return error;
  const message = [messageOf(error), detail, hint].filter((text) => text !== undefined).join('\n');
  const faultCode = statementCode(error, 'sql.invalid');
  const { file, source } = written;
  if (position === undefined || !source) return new Fault(faultCode, `${file}: ${message}`);
  const at = originOf(Math.max(0, Number(position) - 1 - prefix.length));
  return faultAt(faultCode, message, { file, text: source.text }, source.offset + at);
}
