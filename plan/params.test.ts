import { expect, test } from 'vitest';
import { Fault } from '../runtime/fault.ts';
import type { JsonObject } from '../runtime/json.ts';
import { parseParam, resolveParams } from './params.ts';
import type { ParamSpec } from './plan.ts';

const SPECS: Record<string, ParamSpec> = {
  month: { type: 'string', required: false, default: '2001-01', pattern: '^\\d{4}-\\d{2}$' },
  rows: { type: 'integer', required: true, minimum: 1, maximum: 100 },
  since: { type: 'date', required: false },
  size: { type: 'string', required: false, default: 's', enum: ['s', 'm'] },
};

function problemsOf(given: JsonObject, specs = SPECS): string {
  try {
    resolveParams(specs, given);
  } catch (error) {
    expect(error).toBeInstanceOf(Fault);
    expect(error).toMatchObject({ code: 'params.invalid' });
    return (error as Fault).message;
  }
  return '';
}

test('defaults stand in for what is not given, and null for what may be left out', () => {
  expect(resolveParams(SPECS, { rows: 5 })).toEqual({
    month: '2001-01',
    rows: 5,
    since: null,
    size: 's',
  });
});

test('its errors name the param that each problem is about', () => {
  const resolve = () => resolveParams(SPECS, { rows: 0, mnth: '2001-01' });
  expect(resolve).toThrow(
    expect.objectContaining({
      errors: [
        { param: 'mnth', message: 'there is no param mnth (did you mean "month"?)' },
        { param: 'rows', message: 'rows must be at least 1, not 0' },
      ],
    }) as Error,
  );
});

test('every problem is named at once', () => {
  expect(problemsOf({ month: 'May', since: '2001-02-30', size: 'xl', mnth: '2001-01' })).toBe(
    'there is no param mnth (did you mean "month"?); month must match ^\\d{4}-\\d{2}$, and "May" does not; ' +
      'rows is missing: give it a value; since must be a date such as 2001-01-31, not "2001-02-30"; ' +
      'size must be one of "s", "m", not "xl"',
  );
});

test.each([
  [{ rows: 0 }, 'rows must be at least 1, not 0'],
  [{ rows: 101 }, 'rows must be at most 100, not 101'],
  [{ rows: 1.5 }, 'rows must be a whole number, not 1.5'],
  [{ rows: '5' }, 'rows must be a whole number, not "5"'],
  [{ rows: 2 ** 60 }, 'rows must be a whole number, not 1152921504606847000'],
  [{ rows: null }, 'rows must be a whole number, not null'],
  [{ rows: 1, constructor: 1 }, 'there is no param constructor: it takes month, rows, since, size'],
])('%j: %s', (given, problem) => {
  expect(problemsOf(given)).toBe(problem);
});

test('a name of Object.prototype is a param like any other that is not there', () => {
  expect(problemsOf(JSON.parse('{"__proto__": 1, "toString": 2}') as JsonObject, {})).toBe(
    'there is no param __proto__: it takes none; there is no param toString: it takes none',
  );
});

test.each([
  ['integer', '5', 5],
  ['number', '-1.5e3', -1500],
  ['number', '', ''],
  ['integer', 'five', 'five'],
  ['integer', '0x10', '0x10'],
  ['boolean', 'true', true],
  ['boolean', 'false', false],
  ['boolean', 'yes', 'yes'],
  ['array', '[1, "a"]', [1, 'a']],
  ['object', '{"a": 1}', { a: 1 }],
  ['object', '{a', '{a'],
  ['string', '5', '5'],
  ['date', '2001-01-01', '2001-01-01'],
] as const)('as %s, %j means %j', (type, text, value) => {
  expect(parseParam({ type }, text)).toEqual(value);
});
