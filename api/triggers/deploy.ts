import { ScheduleAlreadyRunning, ScheduleNotFoundError, type Client } from '@temporalio/client';
import type { Db } from '../../db/database.ts';
import { recordChange } from '../../db/triggers/changes.ts';
import { markDeployed, setPaused } from '../../db/triggers/triggers.ts';
import type { Temporal } from '../../runtime/temporal.ts';
import type { DeploymentProgress } from '../contract/trigger.ts';
import type { Comparison } from './compare-schedules.ts';
import type { Step, Wanted } from './deployment.ts';
import { inParallel } from './in-parallel.ts';
import { namesIn } from './schedule-id.ts';
import type { ScheduleLooks } from './schedule-looks.ts';

const ANSWER_MS = 20_000;
/** So many schedules are told to Temporal at the same time. */
const LANES = 20;
/** How long after a pause lists may still show what was before. */
const LAG_MS = 5_000;

export interface ScheduleDeps {
  readonly db: Db;
  readonly temporal: Temporal;
  readonly taskQueue: string;
}

/** Who deploys; `told` hears how it goes on. */
export interface Deployer {
  readonly actor: string;
  readonly told?: (progress: DeploymentProgress) => void;
}

/**
 * Does what a comparison says, keeps on record what it changed and for whom, and looks whether Temporal has it now.
 * Doing it twice is harmless.
 */
export async function applySteps(
  deps: ScheduleDeps,
  looks: ScheduleLooks,
  { steps, at }: Comparison,
  { actor, told }: Deployer,
): Promise<void> {
  const changes = steps.filter(({ action }) => action !== 'unchanged');
  let done = 0;
  await inParallel(changes, LANES, async (step) => {
    await applyStep(deps, step, actor);
    told?.({ what: 'schedules', done: ++done, total: changes.length });
  });
  const deployed = changes.flatMap(({ wanted }) => wanted ?? []);
  await markDeployed(
    deps.db,
    deployed.map(({ trigger, hash }) => ({ id: trigger.id, hash })),
  );
  await looks.differences(deployed);
  await mirrorPauses(deps.db, steps, at);
}

async function applyStep({ db, temporal }: ScheduleDeps, step: Step, actor: string): Promise<void> {
  const { scheduleId, wanted, actual, action, detail } = step;
  const isDone = await temporal.ask(ANSWER_MS, async (client) => {
    if (!wanted) return remove(client, scheduleId);
    await (actual ? update(client, wanted) : create(client, wanted));
    return true;
  });
  if (action === 'update' || action === 'create') return; // its file's change is on record
  if (!isDone) return;
  await recordChange(db, {
    pipeline: wanted?.trigger.pipeline ?? namesIn(scheduleId).pipeline,
    trigger: wanted?.trigger.name ?? namesIn(scheduleId).name,
    action: action === 'drift' ? 'put right' : 'deleted',
    actor,
    details: { schedule: scheduleId, ...(detail !== null && { drift: detail }) },
  });
}

async function create(client: Client, wanted: Wanted): Promise<void> {
  const { scheduleId, deployable, trigger } = wanted;
  const { paused, note } = trigger;
  try {
    await client.schedule.create({
      ...{ scheduleId, ...deployable },
      state: { paused, ...(note !== null && { note }) },
    });
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    await update(client, wanted);
  }
}

/** Never a new one in its place: pauses, notes and runs under way stay. */
async function update(client: Client, wanted: Wanted): Promise<void> {
  const handle = client.schedule.getHandle(wanted.scheduleId);
  try {
    await handle.update(({ state: { paused, note } }) => ({
      ...wanted.deployable,
      state: { paused, ...(note !== undefined && { note }) },
    }));
  } catch (error) {
    if (!(error instanceof ScheduleNotFoundError)) throw error;
    await create(client, wanted);
  }
}

/** False: it is gone already, as lists do not show at once. */
async function remove(client: Client, scheduleId: string): Promise<boolean> {
  try {
    await client.schedule.getHandle(scheduleId).delete();
    return true;
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return false;
    throw error;
  }
}

/** Whoever pauses a schedule in Temporal itself is heard here, too. */
async function mirrorPauses(db: Db, steps: readonly Step[], at: Date): Promise<void> {
  const before = new Date(at.getTime() - LAG_MS);
  for (const { wanted, actual } of steps) {
    if (!wanted || !actual) continue;
    const { id, pipeline, name, paused: was } = wanted.trigger;
    const { paused, note = '' } = actual.state;
    if (paused === was) continue;
    await db.transaction().execute(async (tx) => {
      const state = { paused, note: note === '' ? null : note };
      if (!(await setPaused(tx, id, state, before))) return;
      const action = paused ? 'paused' : 'resumed';
      const details = { note: state.note };
      await recordChange(tx, { pipeline, trigger: name, action, actor: 'temporal', details });
    });
  }
}
