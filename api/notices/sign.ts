import { createHmac } from 'node:crypto';

const ENCODED = 'whsec_';

/**
 * The value of `webhook-signature` (https://www.standardwebhooks.com): HMAC-SHA256 of id, time and body.
 * A secret that begins with `whsec_` is base64; any other is taken as it is.
 */
export function sign(secret: string, id: string, timestamp: number, body: string): string {
  const key = secret.startsWith(ENCODED)
    ? Buffer.from(secret.slice(ENCODED.length), 'base64')
    : Buffer.from(secret);
  const digest = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  return `v1,${digest}`;
}
