import { createHmac, timingSafeEqual } from 'node:crypto';

/** How old a signed time of Stripe's may be, as Stripe's own libraries have it. */
export const TOLERANCE_MS = 300_000;

interface Signed {
  readonly secret: string;
  /** As it came, byte by byte. */
  readonly body: Uint8Array;
  /** Undefined: it was not sent. */
  readonly header: string | undefined;
}

/**
 * Checks `X-Hub-Signature-256: sha256=<hex>`, the HMAC of the body.
 * https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
 */
export function isSignedByGithub({ secret, body, header = '' }: Signed): boolean {
  const right = createHmac('sha256', secret).update(body).digest();
  return isSame(right, /^sha256=([0-9a-f]{64})$/i.exec(header)?.[1]);
}

/**
 * Checks `Stripe-Signature: t=<seconds>,v1=<hex>`, the HMAC of `<seconds>.<body>`. There may be several
 * `v1` while a secret is being rolled; one that fits is enough.
 * https://docs.stripe.com/webhooks#verify-manually
 */
export function isSignedByStripe(signed: Signed, nowMs: number): boolean {
  const { secret, body, header = '' } = signed;
  const fields = header.split(',').map((field) => field.trim().split('='));
  const time = fields.find(([name]) => name === 't')?.[1] ?? '';
  const right = createHmac('sha256', secret).update(`${time}.`).update(body).digest();
  const fits = fields
    .filter(([name]) => name === 'v1')
    .map(([, hex]) => isSame(right, hex))
    .includes(true);
  const isRecent = /^\d{1,12}$/.test(time) && Math.abs(nowMs - Number(time) * 1000) <= TOLERANCE_MS;
  return fits && isRecent;
}

/** Takes the same time wherever the two differ. */
function isSame(right: Buffer, hex = ''): boolean {
  const given = Buffer.from(/^[0-9a-f]*$/i.test(hex) ? hex : '', 'hex');
  const padded = Buffer.alloc(right.length);
  given.copy(padded);
  return timingSafeEqual(right, padded) && given.length === right.length;
}
