import type { Json } from '../../runtime/json.ts';
import type { Values } from './parameters.ts';
import { placeholdersIn } from './sql-text.ts';

/** A statement with `$1`, `$2`, … in the place of names, as Postgres takes it. */
export interface PostgresStatement {
  readonly text: string;
  readonly values: (string | null)[];
  /** The place in the original text of a place in this one, both in characters from 0. */
  readonly originOf: (at: number) => number;
}

/** Each name gets one number, however often it stands there: so its type can be inferred. */
export function numberParameters(sql: string, known: Values): PostgresStatement {
  const names: string[] = [];
  const pieces: { readonly text: string; readonly origin: number; readonly at: number }[] = [];
  let text = '';
  let done = 0;
  const add = (piece: string, origin: number): void => {
    pieces.push({ text: piece, origin, at: text.length });
    text += piece;
  };
  for (const { name, offset } of placeholdersIn(sql)) {
    add(sql.slice(done, offset), done);
    if (!names.includes(name)) names.push(name);
    add(`$${names.indexOf(name) + 1}`, offset);
    done = offset + name.length + 1;
  }
  add(sql.slice(done), done);
  return {
    text,
    values: names.map((name) => textOf(known[name] ?? null)),
    originOf(at) {
      const piece = pieces.findLast((each) => each.at <= at);
      return piece ? Math.min(piece.origin + at - piece.at, sql.length) : at;
    },
  };
}

function textOf(value: Json): string | null {
  if (value === null || typeof value === 'string') return value;
  return JSON.stringify(value);
}
