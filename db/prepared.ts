import { createHash } from 'node:crypto';
import { sql, type Compilable, type CompiledQuery } from 'kysely';
import type pg from 'pg';
import type { Db } from './database.ts';

const MARK = '/* prepared */';
/** A plan that was made while a table was nearly empty is a bad one soon after; a fuller one changes more slowly. */
const FIRST_PLAN_MS = 1_000;
const LAST_PLAN_MS = 60_000;

/**
 * Stands in a statement that is asked so often that Postgres is to parse it once for each
 * connection, and to plan it now and then: after a second at first, after a minute later. Its text must always be the
 * same.
 */
export const PREPARED = sql.raw<never>(MARK);

/** A query with one parameter, put together once: Kysely takes longer for that than Postgres for the answer. */
export function compileOnce<Parameter, Row>(
  build: (db: Db, parameter: Parameter) => Compilable<Row>,
): (db: Db, parameter: Parameter) => Promise<Row[]> {
  let compiled: CompiledQuery<Row> | undefined;
  return async (db, parameter) => {
    compiled ??= build(db, parameter).compile();
    const { rows } = await db.executeQuery<Row>({ ...compiled, parameters: [parameter] });
    return rows;
  };
}

/** Makes a new connection keep the statements with that mark. */
export function keepPrepared(client: pg.PoolClient): void {
  const send = client.query.bind(client) as (...query: unknown[]) => Promise<unknown>;
  let plannedAt = Date.now();
  let planMs = FIRST_PLAN_MS;
  const prepare = (text: string, values: unknown) => {
    if (Date.now() - plannedAt > planMs) {
      plannedAt = Date.now();
      planMs = Math.min(2 * planMs, LAST_PLAN_MS);
      // In a transaction that has failed it fails as well; the statement after it tells.
      send('discard plans').catch(() => undefined);
    }
    return send({ name: nameOf(text), text, values });
  };
  client.query = ((text: unknown, values: unknown, ...rest: unknown[]) =>
    typeof text === 'string' && text.includes(MARK)
      ? prepare(text, values)
      : send(text, values, ...rest)) as typeof client.query;
}

const names = new Map<string, string>();

function nameOf(text: string): string {
  const known = names.get(text);
  if (known !== undefined) return known;
  const name = createHash('sha256').update(text).digest('hex').slice(0, 16);
  names.set(text, name);
  return name;
}
