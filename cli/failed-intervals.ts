import { IntervalPage, type BackfillInterval } from '../api/contract/backfill.ts';
import type { ApiClient } from './api-client.ts';

const FAILED = 'failed,timed_out,terminated,skipped';
/** As many as one reads. */
const SHOWN = 20;

/** The first intervals of a backfill that did not succeed, in the order of time. */
export async function loadFailed(
  client: ApiClient,
  backfill: number | string,
): Promise<BackfillInterval[]> {
  const path = `/api/backfills/${backfill}/intervals?state=${FAILED}&limit=${SHOWN}`;
  return (await client.get(path, IntervalPage)).intervals;
}
