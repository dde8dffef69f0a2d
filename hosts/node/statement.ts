import type {
  DuckDBConnection,
  DuckDBMaterializedResult,
  DuckDBPreparedStatement,
} from '@duckdb/node-api';
import { StatementType } from './duckdb.ts';
import { bindParameters, type Values } from './parameters.ts';

/** Runs SQL with its parameters bound; DuckDB may turn one statement (PIVOT) into several. */
export async function runStatement(
  connection: DuckDBConnection,
  sql: string,
  values: Values,
): Promise<DuckDBMaterializedResult> {
  return (await prepareLast(connection, sql, values)).run();
}

/** Whether a statement only returns rows, so that it may be read in a subquery. */
export async function isQuery(
  connection: DuckDBConnection,
  sql: string,
  values: Values,
): Promise<boolean> {
  const { statementType } = await prepareLast(connection, sql, values);
  return statementType === StatementType.SELECT;
}

/** Prepares the last statement, after those before it were run. */
export async function prepareLast(
  connection: DuckDBConnection,
  sql: string,
  values: Values,
): Promise<DuckDBPreparedStatement> {
  const statements = await connection.extractStatements(sql);
  for (let index = 0; index < statements.count - 1; index += 1) {
    const statement = await statements.prepare(index);
    bindParameters(statement, values);
    await statement.run();
  }
  const last = await statements.prepare(statements.count - 1);
  bindParameters(last, values);
  return last;
}
