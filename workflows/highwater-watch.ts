import {
  condition,
  continueAsNew,
  defineSignal,
  isCancellation,
  proxyLocalActivities,
  setHandler,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import type { Activities, NextCheck } from './activities.ts';
import { WAKE_SIGNAL } from './watch.ts';

/** In events: about an hour, when nothing happens. */
const LONG_HISTORY = 500;
const AFTER_FAILURE: NextCheck = { sleepMs: 5_000, pauseMs: 1_000 };

const wake = defineSignal(WAKE_SIGNAL);
const { checkDeadlines } = proxyLocalActivities<Activities>({
  startToCloseTimeout: '30 seconds',
  retry: { maximumAttempts: 1 },
});

/**
 * Looks at every deadline when it has come, for ever: it sleeps until the next one, or until somebody
 * wakes it.
 */
export async function highwater_watch(): Promise<never> {
  let woken = false;
  setHandler(wake, () => {
    woken = true;
  });
  while (!isLong()) {
    woken = false;
    const { sleepMs, pauseMs } = await check();
    // Those who wake it at about the same time share one look.
    if (await condition(() => woken, sleepMs)) await sleep(pauseMs);
  }
  return continueAsNew<typeof highwater_watch>();
}

/** A check that fails is no reason to stop watching. */
async function check(): Promise<NextCheck> {
  try {
    return await checkDeadlines();
  } catch (error) {
    if (isCancellation(error)) throw error;
    return AFTER_FAILURE;
  }
}

function isLong(): boolean {
  const { continueAsNewSuggested, historyLength } = workflowInfo();
  return continueAsNewSuggested || historyLength > LONG_HISTORY;
}
