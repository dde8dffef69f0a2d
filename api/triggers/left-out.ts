import { ScheduleNotFoundError } from '@temporalio/client';
import { installationId } from '../../db/triggers/installation.ts';
import type { TriggerRecord } from '../../db/triggers/triggers.ts';
import { Fault } from '../../runtime/fault.ts';
import type { LeftOut } from '../contract/trigger.ts';
import type { ScheduleDeps } from './deploy.ts';
import { scheduleIdOf } from './schedule-id.ts';

const ANSWER_MS = 2_000;

/** What Temporal counts of a schedule; null when it does not know it, or does not answer. */
export async function findLeftOut(
  { db, temporal }: Pick<ScheduleDeps, 'db' | 'temporal'>,
  trigger: Pick<TriggerRecord, 'pipeline' | 'name'>,
): Promise<LeftOut | null> {
  const scheduleId = scheduleIdOf(await installationId(db), trigger);
  try {
    const { info } = await temporal.ask(ANSWER_MS, (client) =>
      client.schedule.getHandle(scheduleId).describe(),
    );
    return {
      overlap: info.numActionsSkippedOverlap,
      catchup_window: info.numActionsMissedCatchupWindow,
    };
  } catch (error) {
    const isUnknown = error instanceof ScheduleNotFoundError;
    if (isUnknown || (error instanceof Fault && error.code === 'temporal.unavailable')) return null;
    throw error;
  }
}
