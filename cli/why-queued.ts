import type { Run } from '../api/contract/run.ts';
import type { ApiClient } from './api-client.ts';

/** Why a run that was asked for a while ago has not begun, and what to look at. */
export async function whyQueued(client: ApiClient, run: Run): Promise<string> {
  return run.reason?.code === 'limit'
    ? `Still queued: it ${run.reason.message}`
    : `Still queued: ${await whyUntaken(client)}`;
}

/** Why nobody begins what was asked for, though nothing else goes first. */
export async function whyUntaken(client: ApiClient): Promise<string> {
  const { missing } = await client.ready();
  if (missing.length > 0) {
    const reasons = missing.map(({ name, message }) => `${name}: ${message}`).join('; ');
    return `it begins when this is mended: ${reasons}`;
  }
  return 'no worker has taken it. "highwater status" tells whether one runs';
}
