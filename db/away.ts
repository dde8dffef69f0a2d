import { setTimeout as wait } from 'node:timers/promises';

const AWAY_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOENT',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
  '25P03', // idle_in_transaction_session_timeout: this process has stood still
  '57P01', // admin_shutdown
  '57P02', // crash_shutdown
  '57P03', // cannot_connect_now
]);
/** A lost connection; too many of them, a full disk or no memory. */
const AWAY_CLASSES = /^(08|53)...$/;
const AWAY_MESSAGE =
  /^(Connection terminated|Client has encountered a connection error|timeout e|Query read timeout)/;

/** Whether the database could not be reached, as against having refused what was asked of it. */
export function isAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof AggregateError) return error.errors.every(isAway);
  const code = 'code' in error ? String(error.code) : '';
  return AWAY_CODES.has(code) || AWAY_CLASSES.test(code) || AWAY_MESSAGE.test(error.message);
}

/** Whether Postgres has ended a transaction because another one waited for it in turn: it may be tried again. */
export function isDeadlock(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === '40P01';
}

/** Asks again, with growing pauses of at most 2 s, for as long as the database is away. */
export async function untilBack<Answer>(
  ask: () => Promise<Answer>,
  signal: AbortSignal,
): Promise<Answer> {
  for (let pause = 100; ; pause = Math.min(pause * 2, 2_000)) {
    try {
      return await ask();
    } catch (error) {
      if (!isAway(error)) throw error;
      await wait(pause, undefined, { signal });
    }
  }
}
