import {
  condition,
  continueAsNew,
  defineSignal,
  getExternalWorkflowHandle,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { OpenedRun, Opening, OpenRun, SkippedRun, WaitingRun } from './activities.ts';
import { openRun } from './local-activities.ts';
import { ADMITTED_SIGNAL } from './turns.ts';

/** Should the signal be lost, it asks by itself after this. */
const ASK_AGAIN = '60 seconds';

const admitted = defineSignal(ADMITTED_SIGNAL);

/** Waits until its pipeline has room for the run. Rejects when the run is cancelled meanwhile. */
export async function untilAdmitted(
  opening: OpenRun,
  first: WaitingRun,
): Promise<OpenedRun | SkippedRun> {
  let woken = false;
  setHandler(admitted, () => {
    woken = true;
  });
  for (const workflowId of first.waiting.cancel) await cancelOther(workflowId);
  for (let answer: Opening = first; ;) {
    if (!('waiting' in answer)) return answer;
    setCurrentDetails(answer.waiting.message);
    await condition(() => woken, ASK_AGAIN);
    woken = false;
    if (workflowInfo().continueAsNewSuggested) await continueAsNew(opening.input);
    answer = await openRun(opening);
  }
}

/** One that has ended meanwhile has made room as well. */
async function cancelOther(workflowId: string): Promise<void> {
  await getExternalWorkflowHandle(workflowId)
    .cancel()
    .catch(() => undefined);
}
