import { describe, expect, test } from 'vitest';
import { brief, errorsIn, shown, unmark } from '../../test/support/definitions.ts';

const BLOCKS =
  '\nparams: { n: { type: string, default: a } }\nblocks: { a: { kind: custom, file: a.ts } }';
const event = (text: string, rest = '') => `triggers: { t: { event: { ${text} }${rest} } }`;
const api = (text: string, rest = '') => `triggers: { t: { api: { ${text} }${rest} } }`;

/** Each text marks with « where its error begins. */
const BROKEN: Record<string, [code: string, text: string]> = {
  'a trigger for every event': ['key.missing', 'triggers: { t: { «event: { filter: "true" } } }'],
  'a type with a star inside': ['trigger.invalid', event('source: x, type: «a.*.b')],
  'a type with a blank inside': ['trigger.invalid', event('type: «a b')],
  'a filter that is no CEL': ['expression.invalid', event('type: a, filter: event.data.n > 10 «)')],
  'a filter of unknown names': [
    'expression.unknown_name',
    event('type: a, filter: "event.data.n > «limit"'),
  ],
  'a filter that joins text and numbers': [
    'expression.invalid',
    event('type: a, filter: \'«1 + "a" == 2\''),
  ],
  'a dedup key that is no CEL': [
    'expression.invalid',
    event("type: a, dedup: '${{ event.data.«. }}'"),
  ],
  'params that see no body': [
    'expression.unknown_name',
    event('type: a', ", params: { n: '${{ «body.n }}' }"),
  ],
  'params of a batch that see one event': [
    'expression.unknown_name',
    event('type: a, batch: { window: 1m }', ", params: { n: '${{ «event.id }}' }"),
  ],
  'debounce and batch': ['key.misplaced', event('type: a, debounce: 1s, «batch: { window: 1m }')],
  'a longest wait for nothing': ['key.misplaced', event('type: a, «max_wait: 1m')],
  'a longest wait that is too short': [
    'trigger.invalid',
    event('type: a, debounce: 1m, max_wait: «1s'),
  ],
  'a key for nothing': ['key.misplaced', event("type: a, «key: '${{ event.id }}'")],
  'a connection that is not there': [
    'connection.unknown',
    event('source: { connection: «shop, channel: orders }'),
  ],
  'a channel that is no name': [
    'trigger.invalid',
    event('type: a, source: { connection: warehouse, channel: «"a;b" }'),
  ],
  'a channel of no database': [
    'connection.invalid',
    event('source: { connection: «lake, channel: orders }'),
  ],
  'a bucket of a connection that is not there': [
    'connection.unknown',
    event('source: { connection: «laek, bucket: incoming }'),
  ],
  'a bucket of a database': [
    'connection.invalid',
    event('source: { connection: «warehouse, bucket: incoming }'),
  ],
  'a pause between two looks that is none': [
    'duration.invalid',
    event('type: a, source: { connection: lake, bucket: incoming, every: «soon }'),
  ],
  'a secret in clear': ['trigger.invalid', api('signature: { type: github, secret: «abc }')],
  'a secret of unknown names': [
    'expression.unknown_name',
    api("signature: { type: github, secret: '${{ «body.x }}' }"),
  ],
  'a signature of nobody': [
    'value.invalid',
    api("signature: { type: «gitlab, secret: '${{ env.A }}' }"),
  ],
  'a rate that is none': ['trigger.invalid', api('rate_limit: «20/d')],
  'params that see no event': [
    'expression.unknown_name',
    api('', ", params: { n: '${{ «event.id }}' }"),
  ],
};

describe('an error says where it is and what it is called:', () => {
  test.each(Object.entries(BROKEN))('%s', (_title, [code, marked]) => {
    const { text, places } = unmark(marked + BLOCKS);
    const errors = errorsIn(text);

    expect(brief(errors), shown(errors)).toEqual(places.map((place) => `${place} ${code}`));
  });
});

test('everything that a trigger may say is sound together', () => {
  const text = `
triggers:
  all:
    event:
      type: com.shop.*
      source: till
      filter: event.data.amount > 10 && has(event.data.order)
      dedup: '\${{ event.data.order }}'
      key: '\${{ event.subject }}'
      debounce: 30s
      max_wait: 5m
    params: { n: '\${{ event.data.order }}' }
  many: { event: { source: { folder: 'in/*.csv' }, batch: { window: 1m } }, params: { n: '\${{ events[0].id }}' } }
  told: { event: { source: { connection: warehouse, channel: orders } } }
  hook:
    api: { signature: { type: stripe, secret: '\${{ env.A }}' }, rate_limit: 10/m }
    params: { n: '\${{ body.id + headers["x-id"] }}' }
${BLOCKS}`;
  const errors = errorsIn(text);

  expect(errors, shown(errors)).toEqual([]);
});
