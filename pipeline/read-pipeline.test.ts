import { expect, test } from 'vitest';
import { errorsIn, shown, unmark } from '../test/support/definitions.ts';
import { readPipeline } from './read-pipeline.ts';

const SOUND = `description: Delays of US flights by airport
type: transformation
tags: [demo]
params:
  month: { type: string, pattern: '^\\d{4}-\\d{2}$', default: '2001-01', description: Month to load }
watermark: { block: flights, column: date }
freshness: { number: 1, datepart: day }
timeliness: { number: 2, datepart: hour }
defaults: { retry: { attempts: 3, initial_interval: 1s, backoff: 2, max_interval: 1m }, timeout: 10m, deadline: 1h }
blocks:
  flights:  { kind: loader,      file: load_flights.sql }
  airports: { kind: loader,      file: load_airports.ts }
  delays:   { kind: transformer, file: delays.sql, inputs: [flights, airports] }
  rated:    { kind: transformer, file: rate.py,    inputs: { delays: delays } }
  weather:  { kind: pipeline,    pipeline: weather_by_city, params: { month: '\${{ params.month }}' } }
  publish:  { kind: exporter,    to: { connection: warehouse, table: airport_delays, mode: merge, keys: [origin] }, inputs: [rated], after: [weather] }
`;

test('a sound pipeline has no errors', () => {
  const child = readPipeline(
    'weather_by_city',
    'pipelines/weather_by_city.yaml',
    new TextEncoder().encode(
      'params: { month: { type: string } }\nblocks: { w: { kind: loader, file: w.sql } }',
    ),
  ).draft?.definition;

  expect(errorsIn(SOUND, { pipelines: new Map([['weather_by_city', child]]) })).toEqual([]);
});

test('all errors of a file are found at once, in the order of its lines', () => {
  const { text, places } = unmark(`params: { n: { type: «integr, default: 3 } }
watermark: { block: «nowhere, column: day }
blocks:
  a: { kind: loader, file: «missing.sql, «retyr: 3, timeout: «10 }
  b: { kind: «loder, file: a.sql }
  «c: { kind: custom, file: c.sql, inputs: [d, «e] }
  d: { kind: custom, file: d.sql, inputs: [c, b], connection: «shop }
  «Bad: { kind: custom, file: e.sql, «timeuot: 3s }
«foo: 1
`);
  const errors = errorsIn(text, { hasBlockFile: (file) => file !== 'missing.sql' });

  expect(
    errors.map(({ line, column }) => `${line}:${column}`),
    shown(errors),
  ).toEqual(places);
  expect(errors.map(({ code }) => code)).toEqual([
    'value.invalid',
    'block.unknown',
    'file.missing',
    'key.unknown',
    'duration.invalid',
    'value.invalid',
    'block.cycle',
    'block.unknown',
    'connection.unknown',
    'name.invalid',
    'key.unknown',
    'key.unknown',
  ]);
});

test('a misspelt word is answered with the one that was meant', () => {
  expect(shown(errorsIn('blocks: { load_orders: { kind: custom, fil: a.ts } }'))).toContain(
    'did you mean "file"?',
  );
  expect(
    shown(
      errorsIn(
        'blocks: { a: { kind: custom, file: a.ts, after: [lod] }, load: { kind: custom, file: b.ts } }',
      ),
    ),
  ).toContain('did you mean "load"?');
});

test('a cycle names its blocks, and not those that only wait for it', () => {
  const [error, ...others] = errorsIn(`blocks:
  first: { kind: loader, file: a.sql }
  a: { kind: custom, file: a.ts, after: [c, first] }
  b: { kind: custom, file: a.ts, after: [a] }
  c: { kind: custom, file: a.ts, after: [b] }
  last: { kind: custom, file: a.ts, after: [c] }
`);

  expect(others).toEqual([]);
  expect(error?.message).toBe('these blocks wait for each other: a → c → b → a');
});

test('an error shows its line, with a caret under the column', () => {
  expect(shown(errorsIn('blocks:\r\n  größe: { kind: custom, file: a.ts }\r\n'))).toBe(
    `pipelines/sample.yaml:2:3: name.invalid: "größe" can't be a name: start with a small letter, then small letters, digits and _, at most 63 in all
  2 |   größe: { kind: custom, file: a.ts }
        ^`,
  );
});

test.each([
  'constructor',
  'default',
  'prototype',
  'toString',
  'hasOwnProperty',
  'openRun',
  '__proto__',
])('nothing may be called %s', (name) => {
  const codes = (text: string) => errorsIn(text).map(({ code }) => code);
  const block = '{ kind: custom, file: a.ts }';

  expect(codes(`blocks: { ${name}: ${block} }`)).toContain('name.reserved');
  expect(codes(`params: { ${name}: { type: string } }\nblocks: { a: ${block} }`)).toContain(
    'name.reserved',
  );
  expect(
    codes(`blocks: { a: ${block}, b: { kind: custom, file: b.ts, inputs: { ${name}: a } } }`),
  ).toContain('name.reserved');
  expect(
    readPipeline(
      name,
      `pipelines/${name}.yaml`,
      new TextEncoder().encode(`blocks: { a: ${block} }`),
    ).errors.length,
  ).toBeGreaterThan(0);
});
