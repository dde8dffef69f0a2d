import type { Write } from './query.ts';

/** A statement of DuckDB whose query stands inside of it, because the parser tells of queries only. */
export interface Wrapped {
  readonly query: string;
  readonly write: Omit<Write, 'query'>;
}

const GAP = String.raw`(?:\s|--[^\n]*(?:\n|$)|/\*[\s\S]*?\*/)`;
const NAME = String.raw`((?:"(?:[^"]|"")+"|\w+)(?:\s*\.\s*(?:"(?:[^"]|"")+"|\w+))*)`;
const CREATE = pattern(
  'create',
  '(?:or replace )?(?:temp |temporary )?(?:table|view) (?:if not exists )?',
  NAME,
  String.raw`\s+as\b([\s\S]*)$`,
);
const INSERT = pattern(
  'insert',
  '(?:or \\w+ )?into ',
  NAME,
  String.raw`\s*(\([^()]*\))?\s*((?:by name\s*)?\S[\s\S]*)$`,
);
const COPY = pattern(
  'copy',
  '',
  String.raw`(\([\s\S]*\)|${NAME})`,
  String.raw`\s*to\s+'((?:[^']|'')+)'[^']*$`,
);

/** Undefined: the statement is a query itself, or one that nothing flows through. */
export function unwrap(sql: string): Wrapped | undefined {
  const create = CREATE.exec(sql);
  if (create) {
    const [, name = '', query = ''] = create;
    return { query, write: { ...OWN, into: tableNamed(name), columns: 'named' } };
  }
  const copy = COPY.exec(sql);
  if (copy) {
    const [, what = '', , path = ''] = copy;
    const query = what.startsWith('(') ? what.slice(1, -1) : `from ${what}`;
    const into = { kind: 'file', path: path.replaceAll("''", "'") } as const;
    return { query, write: { ...OWN, into, temporary: false, columns: 'named' } };
  }
  const insert = INSERT.exec(sql);
  if (!insert) return undefined;
  const [, name = '', list, rest = ''] = insert;
  const byName = /^by name\b/i.test(rest);
  const columns = byName
    ? 'named'
    : list === undefined
      ? 'unknown'
      : partsOf(list.slice(1, -1), ',');
  const query = byName ? rest.slice('by name'.length) : rest;
  return { query, write: { ...OWN, into: tableNamed(name), columns } };
}

const OWN = { temporary: true, inPlace: false } as const;

function tableNamed(name: string) {
  return { kind: 'table', name: partsOf(name, '.') } as const;
}

/** Names without their quotes. */
function partsOf(text: string, separator: ',' | '.'): string[] {
  const quoted = new RegExp(
    String.raw`\s*(?:"((?:[^"]|"")+)"|([^"${separator}]+?))\s*(?:[${separator}]|$)`,
    'g',
  );
  return [...text.matchAll(quoted)].map(
    ([, inQuotes, bare]) => inQuotes?.replaceAll('""', '"') ?? bare ?? '',
  );
}

/** Words with any gap between them, then a name, then the rest. */
function pattern(first: string, words: string, name: string, rest: string): RegExp {
  const spaced = words.replaceAll(' ', `${GAP}+`);
  return new RegExp(`^${GAP}*${first}${GAP}*${spaced}${name}${rest}`, 'i');
}
