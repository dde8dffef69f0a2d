import { ScheduleNotFoundError, type Client } from '@temporalio/client';
import type { Db } from '../../db/database.ts';
import { raiseNotice } from '../../db/notices/notices.ts';
import { recordChange } from '../../db/triggers/changes.ts';
import { listFailing, type FailingTrigger } from '../../db/triggers/failing.ts';
import { installationId } from '../../db/triggers/installation.ts';
import { setPaused, type TriggerRecord } from '../../db/triggers/triggers.ts';
import type { ScheduleDeps } from './deploy.ts';
import { scheduleIdOf } from './schedule-id.ts';

const ANSWER_MS = 5_000;

/** Who pauses or resumes a trigger, and why. */
export interface Pausing {
  readonly paused: boolean;
  readonly actor: string;
  readonly note: string | null;
}

/**
 * Pauses or resumes a trigger of any kind; a schedule in Temporal first. False: it was so already. Fails with
 * `temporal.unavailable`, and then nothing has changed.
 */
export async function pauseTrigger(
  deps: ScheduleDeps,
  trigger: Pick<TriggerRecord, 'id' | 'pipeline' | 'pipelineId' | 'name'>,
  isSchedule: boolean,
  { paused, actor, note }: Pausing,
): Promise<boolean> {
  const { id, pipeline, pipelineId, name } = trigger;
  if (isSchedule) await pauseSchedule(deps, trigger, { paused, note, actor });
  return deps.db.transaction().execute(async (tx) => {
    if (!(await setPaused(tx, id, { paused, note }))) return false;
    const action = paused ? 'paused' : 'resumed';
    await recordChange(tx, { pipeline, trigger: name, action, actor, details: { note } });
    if (!paused) {
      const message = `${actor} has resumed it.`;
      await tell(tx, { id, pipelineId, pipeline, name }, message, { recovered: true, run: null });
    }
    return true;
  });
}

/** Pauses the schedules whose last runs failed as often as they allow. Answers them. */
export async function pauseFailing(deps: ScheduleDeps): Promise<FailingTrigger[]> {
  const failing = await listFailing(deps.db);
  for (const trigger of failing) {
    const { failures, lastRun } = trigger;
    const times = failures === 1 ? 'a run failed' : `${failures} runs failed one after the other`;
    const note = `paused because ${times}, the last one run ${lastRun}`;
    const pausing = { paused: true, actor: 'highwater', note };
    if (!(await pauseTrigger(deps, trigger, true, pausing))) continue;
    const message = `It was ${note}. Mend the pipeline, then: highwater triggers resume ${trigger.pipeline}/${trigger.name}`;
    await tell(deps.db, trigger, message, { recovered: false, run: lastRun });
  }
  return failing;
}

async function pauseSchedule(
  { db, temporal }: ScheduleDeps,
  trigger: Pick<TriggerRecord, 'pipeline' | 'name'>,
  { paused, note, actor }: Pausing,
): Promise<void> {
  const scheduleId = scheduleIdOf(await installationId(db), trigger);
  const text = note ?? `${paused ? 'paused' : 'resumed'} by ${actor}`; // Temporal ignores an empty one
  await temporal.ask(ANSWER_MS, (client) => setSchedule(client, scheduleId, paused, text));
}

/** One that is not in Temporal yet is created as its row says. */
async function setSchedule(client: Client, id: string, paused: boolean, note: string) {
  const handle = client.schedule.getHandle(id);
  try {
    await (paused ? handle.pause(note) : handle.unpause(note));
  } catch (error) {
    if (!(error instanceof ScheduleNotFoundError)) throw error;
  }
}

async function tell(
  tx: Db,
  {
    id,
    pipelineId,
    pipeline,
    name,
  }: Pick<FailingTrigger, 'id' | 'pipelineId' | 'pipeline' | 'name'>,
  message: string,
  { recovered, run }: { readonly recovered: boolean; readonly run: number | null },
): Promise<void> {
  const what = recovered ? 'runs again' : 'is paused';
  await raiseNotice(tx, {
    kind: 'missed_trigger',
    severity: recovered ? 'info' : 'error',
    pipelineId,
    executionId: run,
    subject: `trigger/paused/${id}`,
    recovered,
    title: `Trigger ${name} of ${pipeline} ${what}`,
    message,
    details: [{ key: 'trigger', value: name }],
  });
}
