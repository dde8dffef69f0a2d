import { messageOf } from '../../runtime/fault.ts';

export type Sent =
  | { readonly ok: true; readonly note: string | null }
  | {
      readonly ok: false;
      readonly error: string;
      /** How long the receiver asks to be left alone. */
      readonly retryAfterMs: number | null;
    };

/**
 * Posts to an address, and never anywhere else: a redirect is a failure. Neither the answer's body nor
 * the address, which may hold a secret, gets into the error.
 */
export async function post(
  address: string,
  body: string,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Sent> {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) {
    return { ok: false, error: 'its address is no http:// or https:// one', retryAfterMs: null };
  }
  const authorization = basicAuthorization(url);
  try {
    const response = await fetch(url, {
      method: 'POST',
      redirect: 'manual',
      headers: { 'content-type': 'application/json', ...authorization, ...headers },
      body,
      signal,
    });
    await response.body?.cancel();
    return judge(response);
  } catch (error) {
    return { ok: false, error: reasonOf(error), retryAfterMs: null };
  }
}

/** `fetch` refuses an address that holds a user; such a user goes into a header. */
function basicAuthorization(url: URL): Readonly<Record<string, string>> {
  const { username, password } = url;
  if (username === '' && password === '') return {};
  url.username = '';
  url.password = '';
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
}

function judge({ ok, status, headers }: Response): Sent {
  if (ok) return { ok: true, note: null };
  const redirected = status >= 300 && status < 400;
  const error = `the receiver answered ${status}${redirected ? ', a redirect, which is not followed' : ''}`;
  return { ok: false, error, retryAfterMs: readRetryAfter(headers.get('retry-after'), Date.now()) };
}

/** Seconds, or a date (RFC 9110, 10.2.3), as milliseconds from `now`. */
export function readRetryAfter(value: string | null, now: number): number | null {
  if (value === null) return null;
  if (/^\d{1,9}$/.test(value.trim())) return Number(value) * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? null : Math.max(0, date - now);
}

function reasonOf(error: unknown): string {
  if (error instanceof Error && error.name === 'TimeoutError') return 'no answer in time';
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (cause instanceof AggregateError) return cause.errors.map(messageOf).join('; ');
  return messageOf(cause);
}
