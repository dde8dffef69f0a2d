import type { DuckDBPreparedStatement } from '@duckdb/node-api';
import { Fault } from '../../runtime/fault.ts';
import type { Json } from '../../runtime/json.ts';
import type { HostRequest } from '../protocol.ts';

export type Values = Readonly<Record<string, Json>>;

const INT64 = 2 ** 63;

/** Everything that SQL may name as `$name`: the run's params, and what is known of the run. */
export function parametersOf({ params, watermark, run }: HostRequest): Values {
  return {
    watermark,
    run_id: run.id,
    scheduled_at: run.scheduledAt,
    interval_start: run.intervalStart,
    interval_end: run.intervalEnd,
    ...params,
  };
}

/** `sql.invalid`, naming what there is. */
function unknownParameter(name: string, values: Values): Fault {
  return new Fault('sql.invalid', unknownMessage(name, values));
}

export function unknownMessage(name: string, values: Values): string {
  const known = Object.keys(values).map((each) => `$${each}`);
  return `there is no parameter $${name}: there are ${known.join(', ')}`;
}

/** Binds each parameter that a statement names. Objects and lists are bound as JSON text. */
export function bindParameters(statement: DuckDBPreparedStatement, values: Values): void {
  for (let index = 1; index <= statement.parameterCount; index += 1) {
    const name = statement.parameterName(index);
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (value === undefined) throw unknownParameter(name, values);
    bind(statement, index, value);
  }
}

function bind(statement: DuckDBPreparedStatement, index: number, value: Json): void {
  if (value === null) statement.bindNull(index);
  else if (typeof value === 'boolean') statement.bindBoolean(index, value);
  else if (typeof value === 'string') statement.bindVarchar(index, value);
  else if (typeof value !== 'number') statement.bindVarchar(index, JSON.stringify(value));
  else if (Number.isInteger(value) && Math.abs(value) < INT64) {
    statement.bindBigInt(index, BigInt(value));
  } else statement.bindDouble(index, value);
}
