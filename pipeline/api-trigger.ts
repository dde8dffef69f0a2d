import * as z from 'zod';
import { says } from './says.ts';

const Secret = z
  .string()
  .regex(/\$\{\{/, says('trigger.invalid', "must come from the environment: '${{ env.NAME }}'"));

const RATE = /^([1-9]\d{0,5})\/(s|m|h)$/;

/** Runs are asked for over HTTP: with the trigger's own token, or by a webhook that is signed. */
export const ApiTrigger = z.strictObject({
  signature: z
    .strictObject({
      type: z.enum(['github', 'stripe']),
      secret: Secret.describe('What the sender signs with'),
    })
    .optional()
    .describe('Takes signed webhooks; left out, callers send its token'),
  rate_limit: z
    .string()
    .regex(RATE, says('trigger.invalid', 'must be a rate such as 20/s, 100/m or 1000/h'))
    .optional()
    .describe('More than this is answered with 429'),
});
export type ApiTrigger = z.infer<typeof ApiTrigger>;

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 };

/** How many at once, and how many come back in a second, of a checked `20/s`. */
export function rateOf(text: string): { readonly burst: number; readonly perSecond: number } {
  const [, count, unit] = RATE.exec(text) ?? [];
  const burst = Number(count);
  return { burst, perSecond: burst / (SECONDS[unit ?? ''] ?? 1) };
}
