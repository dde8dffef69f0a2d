import type { Check } from '../../plan/plan.ts';
import { Fault } from '../../runtime/fault.ts';
import type { Seen } from './seen.ts';

type UrlCheck = Extract<Check, { type: 'check_url' }>;

/**
 * Whether an address answers, and as it should. Its body is not read. An address that can't be reached is
 * one that does not answer yet; redirects lead to http and https only.
 */
export async function checkUrl(
  { url, method, statuses, headers }: Omit<UrlCheck, 'type'>,
  signal: AbortSignal,
): Promise<Seen> {
  if (!/^https?:\/\//.test(url) || !URL.canParse(url)) {
    throw new Fault('block.invalid', 'The address of a sensor must begin with http:// or https://');
  }
  const { origin, pathname, username } = new URL(url);
  if (username !== '') {
    throw new Fault('block.invalid', 'A sensor takes no user in its address: send a header');
  }
  const shown = origin + pathname;
  try {
    const response = await fetch(url, { method, headers: { ...headers }, signal });
    await response.body?.cancel();
    const { status, ok } = response;
    const isRight = statuses.length === 0 ? ok : statuses.includes(status);
    return isRight ? { value: { status } } : { notYet: `${shown} answered ${status}` };
  } catch (error) {
    if (signal.aborted) throw error;
    return { notYet: `${shown} does not answer: ${reasonOf(error)}` };
  }
}

/** `fetch` hides what happened behind "fetch failed". */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  const inner = cause instanceof Error ? cause : error;
  if (!(inner instanceof Error)) return String(inner);
  return 'code' in inner && typeof inner.code === 'string' ? inner.code : inner.message;
}
