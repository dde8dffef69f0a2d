import { proxyActivities } from '@temporalio/workflow';
import type { Activities, CleanUpCounts, CleanUpOrder } from './activities.ts';

const { cleanUp } = proxyActivities<Activities>({
  startToCloseTimeout: '12 hours',
  heartbeatTimeout: '30 seconds',
  retry: { initialInterval: '5 seconds', maximumInterval: '5 minutes' },
});

/** A clean-up by one worker after the other, until one of them has come to its end. */
export async function highwater_maintenance(order: CleanUpOrder): Promise<CleanUpCounts> {
  return cleanUp(order);
}
