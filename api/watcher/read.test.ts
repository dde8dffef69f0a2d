import { Readable } from 'node:stream';
import type { Request } from 'express';
import { expect, test } from 'vitest';
import type * as z from 'zod';
import { Fault } from '../../runtime/fault.ts';
import * as field from './fields.ts';
import { readBody } from './read.ts';

const Flight = field.model(
  'Flight',
  {
    name: field.text({ min: 1, max: 5 }),
    seats: field.maybe(field.integer({ gt: 0 })),
    delay: field.maybe(field.number({ le: 10 })),
    part: field.maybe(field.datepart()),
    open: field.flag().default(true),
    details: field.maybe(field.dictionary()),
    departs: field.maybe(field.moment()),
    next_watermark: field.maybe(field.mark()),
    stops: field.maybe(field.list(field.model('Stop', { city: field.text({ max: 9 }) }))),
  },
  ['Both seats and part must be provided together', (flight) => !flight.seats === !flight.part],
  ['never seen', () => false],
);
const Ruleless = field.model('Ruleless', Flight.out.shape);

function read(body: unknown, schema: z.ZodType = Ruleless, type = 'application/json') {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const request = Object.assign(Readable.from(text === '' ? [] : [Buffer.from(text)]), {
    headers: { 'content-type': type },
  });
  return readBody(schema, request as unknown as Request);
}

async function errorsOf(...sent: Parameters<typeof read>) {
  const error: unknown = await read(...sent).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(Fault);
  expect((error as Fault).status).toBe(422);
  return (error as Fault).errors;
}

test('strings at the top are lower-cased and trimmed, a watermark and values inside are not', async () => {
  const body = { name: ' AbC ', next_watermark: ' W1 ', details: { Key: ' Value ' }, extra: 1 };

  expect(await read(body)).toEqual({
    name: 'abc',
    next_watermark: ' W1 ',
    details: { Key: ' Value ' },
    open: true,
  });
});

test('a nested record is normalised as its own model', async () => {
  expect(await read({ name: 'a', stops: [{ city: ' PARIS ' }] })).toMatchObject({
    stops: [{ city: 'paris' }],
  });
});

test('numeric strings, words for booleans and epoch seconds are taken as what they mean', async () => {
  const body = { name: 'a', seats: ' 12 ', delay: '1.5', open: 'No', part: 'HOUR', departs: 10 };

  expect(await read(body)).toEqual({
    ...{ name: 'a', seats: 12, delay: 1.5, open: false, part: 'hour' },
    departs: '1970-01-01T00:00:10.000Z',
  });
});

test.each([
  ['10', '10'],
  ['12345678901234567890', '12345678901234567890'],
  ['1.50', '1.5'],
  ['2.0', '2.0'],
  ['1e15', '1000000000000000.0'],
  ['1.5e22', '1.5e+22'],
  ['0.00001', '1e-05'],
  ['"1.50"', '1.50'],
])('the watermark %s is kept as %s', async (sent, kept) => {
  const body = `{"details":{"next_watermark":7},"name":"a","next_watermark":${sent}}`;

  expect(await read(body)).toMatchObject({ next_watermark: kept, details: { next_watermark: 7 } });
});

test('every wrong field is told in the words of Pydantic', async () => {
  const body = {
    ...{ seats: 0, delay: 'x', part: 'quarter', open: 'perhaps', details: [] },
    ...{ departs: 'soon', next_watermark: 'w'.repeat(51), stops: {} },
  };

  expect(await errorsOf(body)).toEqual([
    { type: 'missing', loc: ['body', 'name'], msg: 'Field required', input: body },
    {
      type: 'greater_than',
      loc: ['body', 'seats'],
      msg: 'Input should be greater than 0',
      input: 0,
      ctx: { gt: 0 },
    },
    {
      type: 'float_parsing',
      loc: ['body', 'delay'],
      msg: 'Input should be a valid number, unable to parse string as a number',
      input: 'x',
    },
    {
      type: 'enum',
      loc: ['body', 'part'],
      msg: "Input should be 'minute', 'hour', 'day', 'week', 'month' or 'year'",
      input: 'quarter',
      ctx: { expected: "'minute', 'hour', 'day', 'week', 'month' or 'year'" },
    },
    {
      type: 'bool_parsing',
      loc: ['body', 'open'],
      msg: 'Input should be a valid boolean, unable to interpret input',
      input: 'perhaps',
    },
    {
      type: 'dict_type',
      loc: ['body', 'details'],
      msg: 'Input should be a valid dictionary',
      input: [],
    },
    {
      type: 'value_error',
      loc: ['body', 'departs'],
      msg: 'value is not a valid datetime',
      input: 'soon',
      ctx: { error: {} },
    },
    {
      type: 'string_too_long',
      loc: ['body', 'next_watermark'],
      msg: 'String should have at most 50 characters',
      input: 'w'.repeat(51),
      ctx: { max_length: 50 },
    },
    { type: 'list_type', loc: ['body', 'stops'], msg: 'Input should be a valid list', input: {} },
  ]);
});

test.each([
  [{ name: '  ' }, 'string_too_short', 'String should have at least 1 character'],
  [{ name: 5 }, 'string_type', 'Input should be a valid string'],
  [{ name: null }, 'string_type', 'Input should be a valid string'],
  [
    { name: 'a', seats: 1.5 },
    'int_from_float',
    'Input should be a valid integer, got a number with a fractional part',
  ],
  [
    { name: 'a', seats: 'x' },
    'int_parsing',
    'Input should be a valid integer, unable to parse string as an integer',
  ],
  [{ name: 'a', seats: [] }, 'int_type', 'Input should be a valid integer'],
  [
    { name: 'a', seats: 2 ** 60 },
    'less_than_equal',
    'Input should be less than or equal to 9007199254740991',
  ],
  [{ name: 'a', open: null }, 'bool_type', 'Input should be a valid boolean'],
  [
    { name: 'a\0b' },
    'value_error',
    'Value error, The body holds U+0000 or half of a surrogate pair',
  ],
  [
    [],
    'model_attributes_type',
    'Input should be a valid dictionary or object to extract fields from',
  ],
  [
    '"text"',
    'model_attributes_type',
    'Input should be a valid dictionary or object to extract fields from',
  ],
  ['', 'missing', 'Field required'],
  ['null', 'missing', 'Field required'],
  ['{"a":', 'json_invalid', 'JSON decode error'],
])('the body %j is a 422 of type %s', async (body, type, msg) => {
  expect(await errorsOf(body)).toMatchObject([{ type, msg }]);
});

test('a name of 5 characters may take more than 5 code units', async () => {
  expect(await read({ name: '🛫🛫🛫🛫🛫' })).toMatchObject({ name: '🛫🛫🛫🛫🛫' });
  expect(await errorsOf({ name: '🛫🛫🛫🛫🛫🛫' })).toMatchObject([{ type: 'string_too_long' }]);
});

test('a rule about the whole record blames the body, when every field is good', async () => {
  expect(await errorsOf({ name: 'A', seats: 1 }, Flight)).toEqual([
    {
      type: 'value_error',
      loc: ['body'],
      msg: 'Value error, Both seats and part must be provided together',
      input: { name: 'a', seats: 1 },
      ctx: { error: {} },
    },
  ]);
  expect(await errorsOf({ name: '', seats: 1 }, Flight)).toMatchObject([
    { type: 'string_too_short' },
  ]);
});

test('a body that says it is no JSON fits no model', async () => {
  expect(await errorsOf({ name: 'a' }, Ruleless, 'text/plain')).toMatchObject([
    { type: 'model_attributes_type', loc: ['body'], input: '{"name":"a"}' },
  ]);
});
