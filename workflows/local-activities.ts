import { proxyLocalActivities } from '@temporalio/workflow';
import type { Activities } from './activities.ts';

/** Short reads and writes of the mirror. They wait as long as its database is away. */
export const { openRun, loadRoute, closeRun, takeSlots, driveBackfill } =
  proxyLocalActivities<Activities>({
    startToCloseTimeout: '10 seconds',
    retry: { initialInterval: '200 milliseconds', maximumInterval: '5 seconds' },
  });
