import { describe, expect, it } from 'vitest';
import { numberParameters } from './postgres-statement.ts';
import { firstWord, placeholdersIn, splitStatements } from './sql-text.ts';

describe('splitStatements', () => {
  it.each<[string, string[]]>([
    ['select 1; select 2', ['select 1', 'select 2']],
    ["select ';'; select 2;", ["select ';'", 'select 2']],
    ["select 'it''s;'; x", ["select 'it''s;'", 'x']],
    ["select e'\\';'; x", ["select e'\\';'", 'x']],
    ["select '\\'; x", ["select '\\'", 'x']],
    ['select "a;b"; x', ['select "a;b"', 'x']],
    ['select $$a;b$$; x', ['select $$a;b$$', 'x']],
    ['select $tag$a;$$;b$tag$; x', ['select $tag$a;$$;b$tag$', 'x']],
    ['select 1 -- ; not here\n; x', ['select 1 -- ; not here\n', 'x']],
    ['/* ; /* nested ; */ ; */ select 1; x', ['select 1', 'x']],
    ['-- nothing\n;;\n/* at all */', []],
    ["select 'open; x", ["select 'open; x"]],
    ['select /* open; x', ['select /* open; x']],
    ['', []],
  ])('splits %j', (sql, statements) => {
    expect(splitStatements(sql).map(({ text }) => text)).toEqual(statements);
  });

  it('says where each begins', () => {
    const sql = '  select 1;\n-- two\nselect 2';
    for (const { text, offset } of splitStatements(sql)) {
      expect(sql.slice(offset)).toMatch(new RegExp(`^${text}`));
    }
  });
});

describe('placeholdersIn', () => {
  it.each<[string, string[]]>([
    ['select $a, $b_2 where $a', ['a', 'b_2', 'a']],
    ['select \'$a\', "$b", $$ $c $$ -- $d\n /* $e */', []],
    ['select $1', ['1']],
    ['select a$b, $c', ['c']],
    ['select $t$ $a $t$, $b', ['b']],
  ])('finds those of %j', (sql, names) => {
    expect(placeholdersIn(sql).map(({ name }) => name)).toEqual(names);
  });
});

describe('firstWord', () => {
  it.each([
    ['-- note\n (( SELECT 1))', 'select'],
    ['WITH x AS (select 1) select 2', 'with'],
    ['', ''],
  ])('of %j is %j', (sql, word) => {
    expect(firstWord(sql)).toBe(word);
  });
});

describe('numberParameters', () => {
  const sql = "select $long_name, '$n', $n, $long_name -- $n";
  const statement = numberParameters(sql, { long_name: 'x', n: 1.5, other: null });

  it('gives each name one number', () => {
    expect(statement.text).toBe("select $1, '$n', $2, $1 -- $n");
    expect(statement.values).toEqual(['x', '1.5']);
  });

  it('knows where each place was', () => {
    for (const text of ['$n', ', $', '--']) {
      const at = statement.text.lastIndexOf(text);
      expect(sql.startsWith(text, statement.originOf(at))).toBe(true);
    }
  });

  it('passes lists and objects as JSON, and null as null', () => {
    const { values } = numberParameters('$a $b $c $d', { a: [1], b: { x: 1 }, c: null, d: true });
    expect(values).toEqual(['[1]', '{"x":1}', null, 'true']);
  });
});
