import type { Run } from '../api/contract/run.ts';
import type { ApiClient } from './api-client.ts';

/** Why a run that was asked for a while ago has not begun, and what to look at. */
export async function whyQueued(client: ApiClient, run: Run): Promise<string> {
  if (run.reason) return `Still queued: it ${run.reason.message}`;
  const { missing } = await client.ready();
  if (missing.length > 0) {
    const reasons = missing.map(({ name, message }) => `${name}: ${message}`).join('; ');
    return `Still queued, it begins when this is mended: ${reasons}`;
  }
  return 'Still queued: no worker has taken it. "highwater status" tells whether one runs';
}
