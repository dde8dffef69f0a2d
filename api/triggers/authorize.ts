import { createHash, timingSafeEqual } from 'node:crypto';
import type { FiredTrigger } from '../../db/triggers/api-triggers.ts';
import { evaluateText } from '../../plan/expression.ts';
import { Fault, messageOf } from '../../runtime/fault.ts';
import { isSignedByGithub, isSignedByStripe } from '../../triggers/signature.ts';
import type { ApiRule } from '../../triggers/api-rule.ts';

/** What a caller sent, as it came. */
export interface FireRequest {
  /** A header; undefined when it was not sent. */
  readonly header: (name: string) => string | undefined;
  readonly body: Buffer;
}

type Env = Readonly<Record<string, string | undefined>>;

/** A digest that no token has: a trigger without a token is asked the same as one that has another. */
const NO_TOKEN = Buffer.alloc(32);

export function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

/** Whether a caller may fire the trigger. Fails with `trigger.unusable` when nobody can say. */
export function isAuthorized(
  { signature }: ApiRule,
  { sha256, name }: Pick<FiredTrigger, 'sha256' | 'name'>,
  request: FireRequest,
  env: Env,
): boolean {
  if (!signature) return hasToken(sha256, request.header('authorization'));
  const signed = { secret: secretOf(signature.secret, name, env), body: request.body };
  return signature.type === 'github'
    ? isSignedByGithub({ ...signed, header: request.header('x-hub-signature-256') })
    : isSignedByStripe({ ...signed, header: request.header('stripe-signature') }, Date.now());
}

function hasToken(sha256: Buffer | null, header = ''): boolean {
  const given = digestOf(/^Bearer +(\S+)$/i.exec(header)?.[1] ?? '');
  return timingSafeEqual(given, sha256 ?? NO_TOKEN) && sha256 !== null;
}

/** An empty secret would let everybody in. */
function secretOf(text: string, trigger: string, env: Env): string {
  const secret = read(text, trigger, env);
  if (secret !== '') return secret;
  throw new Fault('trigger.unusable', `The secret of trigger ${trigger} is empty`);
}

function read(text: string, trigger: string, env: Env): string {
  try {
    return evaluateText(text, { env });
  } catch (error) {
    const message = `The secret of trigger ${trigger} is not there: ${messageOf(error)}`;
    throw new Fault('trigger.unusable', message, { cause: error });
  }
}
