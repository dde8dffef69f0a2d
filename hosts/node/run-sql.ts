import { Fault } from '../../runtime/fault.ts';
import type { HostResult, HostWork } from '../protocol.ts';
import { parametersOf, unknownMessage, type Values } from './parameters.ts';
import type { Attempt } from './run-request.ts';
import { faultAt, sqlFault } from './sql-fault.ts';
import { placeholdersIn, splitStatements } from './sql-text.ts';
import { isQuery, runStatement } from './statement.ts';
import { writeQuery, type Query } from './write-query.ts';

export type SqlWork = Extract<HostWork, { type: 'sql' }>;

/** Runs the statements in their order; what the last query returns is the output. */
export async function runSql(attempt: Attempt, work: SqlWork): Promise<HostResult> {
  let result: HostResult = { rows: null };
  for (const query of queriesOf(work, parametersOf(attempt.request))) {
    result = (await runOne(attempt, query)) ?? result;
  }
  return result;
}

/** The statements of a file, none of which names an unknown parameter. */
export function queriesOf({ text, file }: SqlWork, values: Values): Query[] {
  const unknown = placeholdersIn(text).find(({ name }) => !Object.hasOwn(values, name));
  if (unknown) {
    const message = unknownMessage(unknown.name, values);
    throw faultAt('sql.invalid', message, { file, text }, unknown.offset);
  }
  const statements = splitStatements(text);
  if (statements.length === 0) throw new Fault('sql.invalid', `${file} holds no statement`);
  return statements.map((statement) => ({
    text: statement.text,
    values,
    written: { file, source: { text, offset: statement.offset } },
  }));
}

async function runOne(attempt: Attempt, query: Query): Promise<HostResult | undefined> {
  const connection = await attempt.database.connect();
  if (await asksRows()) return writeQuery(attempt, query);
  return undefined;

  async function asksRows(): Promise<boolean> {
    try {
      if (await isQuery(connection, query.text, query.values)) return true;
      await runStatement(connection, query.text, query.values);
      return false;
    } catch (error) {
      throw sqlFault(error, query.written);
    }
  }
}
