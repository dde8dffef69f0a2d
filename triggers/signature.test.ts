import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { isSignedByGithub, isSignedByStripe, TOLERANCE_MS } from './signature.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

/** The example of GitHub's own documentation. */
const GITHUB = {
  secret: "It's a Secret to Everybody",
  body: bytes('Hello, World!'),
  header: 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17',
};

test("the example of GitHub's documentation is well signed", () => {
  expect(isSignedByGithub(GITHUB)).toBe(true);
  expect(
    isSignedByGithub({ ...GITHUB, header: GITHUB.header.toUpperCase().replace('SHA', 'sha') }),
  ).toBe(true);
});

test.each([
  ['another body', { body: bytes('Hello, World') }],
  ['another secret', { secret: "It's a secret to everybody" }],
  ['no header', { header: undefined }],
  ['an empty header', { header: '' }],
  ['the older kind of signature', { header: GITHUB.header.replace('sha256', 'sha1') }],
  ['one digit too few', { header: GITHUB.header.slice(0, -1) }],
  ['one digit too many', { header: `${GITHUB.header}0` }],
  ['another digit', { header: GITHUB.header.replace(/7$/, '8') }],
])('GitHub: %s is refused', (_title, change) => {
  expect(isSignedByGithub({ ...GITHUB, ...change })).toBe(false);
});

const NOW = 1_700_000_000_000;
const STRIPE = { secret: 'whsec_test', body: bytes('{"id":"evt_1"}') };

function stripeHeader(atMs: number, secret = STRIPE.secret): string {
  const time = Math.floor(atMs / 1000);
  const signed = createHmac('sha256', secret).update(`${time}.{"id":"evt_1"}`).digest('hex');
  return `t=${time},v1=${signed}`;
}

test('what Stripe signed is taken, also beside other signatures', () => {
  const header = stripeHeader(NOW);
  const [time = '', v1 = ''] = header.split(',');
  const old = `v1=${'0'.repeat(64)}`;

  expect(isSignedByStripe({ ...STRIPE, header }, NOW)).toBe(true);
  expect(isSignedByStripe({ ...STRIPE, header: `${time},${old},${v1},v0=abc` }, NOW)).toBe(true);
});

test('a time of Stripe counts for five minutes, in both directions', () => {
  const at = (ms: number) => isSignedByStripe({ ...STRIPE, header: stripeHeader(ms) }, NOW);

  expect([at(NOW - TOLERANCE_MS), at(NOW + TOLERANCE_MS)]).toEqual([true, true]);
  expect([at(NOW - TOLERANCE_MS - 1000), at(NOW + TOLERANCE_MS + 1000)]).toEqual([false, false]);
});

test.each([
  ['no header', undefined],
  ['another secret', stripeHeader(NOW, 'whsec_other')],
  ['another time than the signed one', stripeHeader(NOW).replace('t=1', 't=01')],
  ['only the old scheme', stripeHeader(NOW).replace('v1', 'v0')],
  ['no time', stripeHeader(NOW).replace(/^t=\d+,/, '')],
  ['text instead of digits', `t=${NOW / 1000},v1=${'z'.repeat(64)}`],
])('Stripe: %s is refused', (_title, header) => {
  expect(isSignedByStripe({ ...STRIPE, header }, NOW)).toBe(false);
});
