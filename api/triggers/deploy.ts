import {
  ScheduleAlreadyRunning,
  ScheduleNotFoundError,
  type Client,
  type ScheduleSummary,
} from '@temporalio/client';
import type { Db } from '../../db/database.ts';
import { recordChange } from '../../db/triggers/changes.ts';
import { installationId } from '../../db/triggers/installation.ts';
import {
  listTriggers,
  markDeployed,
  setPaused,
  type TriggerRecord,
} from '../../db/triggers/triggers.ts';
import type { Temporal } from '../../runtime/temporal.ts';
import { planDeployment, type Step, type Wanted } from './deployment.ts';
import { inParallel } from './in-parallel.ts';
import { idPrefix, namesIn, scheduleIdOf } from './schedule-id.ts';
import { deployableOf, deployHash } from './temporal-schedule.ts';

const ANSWER_MS = 10_000;
const LIST_MS = 20_000;
const PAGE = 1_000;
/** So many schedules are told to Temporal at the same time. */
const LANES = 20;
/** How long after a pause lists may still show what was before. */
const LAG_MS = 5_000;

export interface DeployDeps {
  readonly db: Db;
  readonly temporal: Temporal;
  readonly taskQueue: string;
}

/** What Temporal has and should have of a project's schedules. */
export interface Comparison {
  readonly steps: readonly Step[];
  /** When Temporal was asked. */
  readonly at: Date;
}

/** Compares a project's schedules, and those that nobody wants any more, with what Temporal has. */
export async function compareSchedules(
  deps: DeployDeps,
  triggers: readonly TriggerRecord[],
  project: string,
): Promise<Comparison> {
  const at = new Date();
  const installation = await installationId(deps.db);
  const actual = await listSchedules(deps.temporal, idPrefix(installation));
  const wanted = triggers.flatMap((trigger) => wantedOf(trigger, installation, deps.taskQueue));
  const ours = new Set(wanted.map(({ scheduleId }) => scheduleId));
  const elsewhere = await listTriggers(deps.db, { kind: 'schedule' });
  for (const trigger of elsewhere) {
    const scheduleId = scheduleIdOf(installation, trigger);
    if (trigger.project !== project && !ours.has(scheduleId)) actual.delete(scheduleId);
  }
  return { steps: planDeployment(wanted, actual, at), at };
}

/** Does what a comparison says, and keeps on record what it changed. Doing it twice is harmless. */
export async function applySteps(deps: DeployDeps, { steps, at }: Comparison): Promise<void> {
  const changes = steps.filter(({ action }) => action !== 'unchanged');
  await inParallel(changes, LANES, (step) => applyStep(deps, step));
  const deployed = changes.flatMap(({ wanted }) =>
    wanted ? [{ id: wanted.trigger.id, hash: wanted.hash }] : [],
  );
  await markDeployed(deps.db, deployed);
  await mirrorPauses(deps.db, steps, at);
}

async function applyStep({ db, temporal }: DeployDeps, step: Step): Promise<void> {
  const { scheduleId, wanted, actual, action, detail } = step;
  await temporal.ask(ANSWER_MS, async (client) => {
    if (!wanted) await remove(client, scheduleId);
    else if (actual) await update(client, wanted);
    else await create(client, wanted);
  });
  if (action === 'update' || action === 'create') return; // its file's change is on record
  await recordChange(db, {
    pipeline: wanted?.trigger.pipeline ?? namesIn(scheduleId).pipeline,
    trigger: wanted?.trigger.name ?? namesIn(scheduleId).name,
    action: action === 'drift' ? 'put right' : 'deleted',
    actor: 'highwater',
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
    await handle.update(({ state }) => ({ ...wanted.deployable, state }));
  } catch (error) {
    if (!(error instanceof ScheduleNotFoundError)) throw error;
    await create(client, wanted);
  }
}

async function remove(client: Client, scheduleId: string): Promise<void> {
  try {
    await client.schedule.getHandle(scheduleId).delete();
  } catch (error) {
    if (!(error instanceof ScheduleNotFoundError)) throw error;
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

function wantedOf(trigger: TriggerRecord, installation: string, taskQueue: string): Wanted[] {
  const { definition } = trigger;
  if (definition.kind !== 'schedule') return [];
  const { schedule } = definition;
  const scheduleId = scheduleIdOf(installation, trigger);
  const deployable = deployableOf(trigger, schedule, { scheduleId, taskQueue });
  return [{ scheduleId, trigger, schedule, deployable, hash: deployHash(deployable) }];
}

async function listSchedules(
  temporal: Temporal,
  prefix: string,
): Promise<Map<string, ScheduleSummary>> {
  return temporal.ask(LIST_MS, async (client) => {
    const found = new Map<string, ScheduleSummary>();
    for await (const summary of client.schedule.list({ pageSize: PAGE })) {
      if (summary.scheduleId.startsWith(prefix)) found.set(summary.scheduleId, summary);
    }
    return found;
  });
}
