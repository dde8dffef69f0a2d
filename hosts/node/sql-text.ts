/** One statement of a text, and where it begins there, counted in characters. */
export interface Statement {
  readonly text: string;
  readonly offset: number;
}

/** A `$name` that stands in code, not in a string or a comment. */
export interface Placeholder {
  readonly name: string;
  readonly offset: number;
}

interface Token {
  readonly kind: 'space' | 'text' | 'end' | 'placeholder' | 'other';
  readonly start: number;
  readonly end: number;
}

const NAME = /[A-Za-z_][A-Za-z0-9_]*/y;
const NUMBER = /[0-9]+/y;
const WORD = /[\p{L}_][\p{L}\p{N}_$]*/uy;
const SPACE = /\s+/y;
const DOLLAR_QUOTE = /\$([A-Za-z_][A-Za-z0-9_]*)?\$/y;
const ESCAPE_STRING = /[eE](?=')/y;

/** Splits SQL at the semicolons that end statements. Pieces without code are left out. */
export function splitStatements(sql: string): Statement[] {
  const statements: Statement[] = [];
  let start: number | undefined;
  for (const token of tokensOf(sql)) {
    if (token.kind === 'end') {
      if (start !== undefined)
        statements.push({ text: sql.slice(start, token.start), offset: start });
      start = undefined;
    } else if (token.kind !== 'space') start ??= token.start;
  }
  if (start !== undefined) statements.push({ text: sql.slice(start), offset: start });
  return statements;
}

export function placeholdersIn(sql: string): Placeholder[] {
  return tokensOf(sql)
    .filter(({ kind }) => kind === 'placeholder')
    .map(({ start, end }) => ({ name: sql.slice(start + 1, end), offset: start }));
}

/** The first word of a statement in lower case, past comments and opening brackets. */
export function firstWord(sql: string): string {
  const first = tokensOf(sql).find(
    ({ kind, start }) => kind !== 'space' && !(kind === 'other' && sql[start] === '('),
  );
  return first ? sql.slice(first.start, first.end).toLowerCase() : '';
}

function tokensOf(sql: string): Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < sql.length;) {
    const token = tokenAt(sql, at);
    tokens.push(token);
    at = token.end;
  }
  return tokens;
}

function tokenAt(sql: string, start: number): Token {
  const space = matchAt(SPACE, sql, start) ?? commentAt(sql, start);
  if (space !== undefined) return { kind: 'space', start, end: start + space };
  const quoted = quotedAt(sql, start) ?? matchAt(WORD, sql, start);
  if (quoted !== undefined) return { kind: 'text', start, end: start + quoted };
  if (sql[start] === ';') return { kind: 'end', start, end: start + 1 };
  const name =
    sql[start] === '$'
      ? (matchAt(NAME, sql, start + 1) ?? matchAt(NUMBER, sql, start + 1))
      : undefined;
  if (name !== undefined) return { kind: 'placeholder', start, end: start + 1 + name };
  return { kind: 'other', start, end: start + 1 };
}

function commentAt(sql: string, start: number): number | undefined {
  if (sql.startsWith('--', start)) {
    const end = sql.indexOf('\n', start);
    return (end === -1 ? sql.length : end) - start;
  }
  if (!sql.startsWith('/*', start)) return undefined;
  let depth = 0;
  for (let at = start; at < sql.length; at += 1) {
    if (sql.startsWith('/*', at)) depth += 1;
    else if (sql.startsWith('*/', at)) depth -= 1;
    else continue;
    at += 1;
    if (depth === 0) return at + 1 - start;
  }
  return sql.length - start;
}

function quotedAt(sql: string, start: number): number | undefined {
  const escape = matchAt(ESCAPE_STRING, sql, start);
  if (escape !== undefined) return escape + quoteAt(sql, start + escape, true);
  if (sql[start] === "'" || sql[start] === '"') return quoteAt(sql, start, false);
  const tag = matchAt(DOLLAR_QUOTE, sql, start);
  if (tag === undefined) return undefined;
  const end = sql.indexOf(sql.slice(start, start + tag), start + tag);
  return (end === -1 ? sql.length : end + tag) - start;
}

/** A doubled quote needs no care: it ends one string and begins the next. */
function quoteAt(sql: string, start: number, escapes: boolean): number {
  const quote = sql[start];
  for (let at = start + 1; at < sql.length; at += 1) {
    if (escapes && sql[at] === '\\') at += 1;
    else if (sql[at] === quote) return at + 1 - start;
  }
  return sql.length - start;
}

function matchAt(pattern: RegExp, sql: string, at: number): number | undefined {
  pattern.lastIndex = at;
  return pattern.exec(sql)?.[0].length;
}
