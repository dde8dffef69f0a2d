import type { ScheduleSummary } from '@temporalio/client';
import { installationId } from '../../db/triggers/installation.ts';
import { listTriggers, type TriggerRecord } from '../../db/triggers/triggers.ts';
import type { ScheduleDeps } from './deploy.ts';
import {
  isDeployed,
  isFinished,
  planDeployment,
  unwanted,
  type Step,
  type Wanted,
} from './deployment.ts';
import { looksDifferent } from './schedule-difference.ts';
import { idPrefix, scheduleIdOf } from './schedule-id.ts';
import type { Differences, ScheduleLooks } from './schedule-looks.ts';
import { deployableOf, deployHash } from './temporal-schedule.ts';

const LIST_MS = 20_000;
const PAGE = 1_000;

/** The schedules of this installation that Temporal's list shows, by id. */
export interface Listing {
  readonly installation: string;
  readonly schedules: ReadonlyMap<string, ScheduleSummary>;
  /** When Temporal was asked. */
  readonly at: Date;
}

export async function listSchedules({ db, temporal }: ScheduleDeps): Promise<Listing> {
  const at = new Date();
  const installation = await installationId(db);
  const prefix = idPrefix(installation);
  const schedules = new Map<string, ScheduleSummary>();
  await temporal.ask(LIST_MS, async (client) => {
    for await (const summary of client.schedule.list({ pageSize: PAGE })) {
      if (summary.scheduleId.startsWith(prefix)) schedules.set(summary.scheduleId, summary);
    }
  });
  return { installation, schedules, at };
}

/** What Temporal has and should have of a project's schedules. */
export interface Comparison {
  readonly steps: readonly Step[];
  /** Of those that were looked at closely. */
  readonly differences: Differences;
  readonly at: Date;
}

export interface Compared {
  readonly project: string;
  /** All schedules that the project should have. */
  readonly triggers: readonly TriggerRecord[];
  readonly listing: Listing;
  /** So many schedules are looked at closely, besides those about which the list is different; the others next time. */
  readonly most?: number;
  /** What is known already of those that Temporal was told of. */
  readonly differences?: Differences;
}

/** Compares a project's schedules, and those that nobody wants any more, with what Temporal has. */
export async function compareSchedules(
  deps: ScheduleDeps,
  looks: ScheduleLooks,
  { project, triggers, listing, most = Infinity, ...known }: Compared,
): Promise<Comparison> {
  const { installation, at } = listing;
  const wanted = triggers.flatMap((trigger) => wantedOf(trigger, installation, deps.taskQueue));
  const actual = await withoutOthers(deps, wanted, project, listing);
  const differences =
    known.differences ?? (await looks.differences(worthALook(wanted, actual, looks, { most, at })));
  looks.keep(wanted);
  return { steps: planDeployment(wanted, actual, differences, at), differences, at };
}

function wantedOf(trigger: TriggerRecord, installation: string, taskQueue: string): Wanted[] {
  const { definition } = trigger;
  if (definition.kind !== 'schedule') return [];
  const { schedule } = definition;
  const scheduleId = scheduleIdOf(installation, trigger);
  const deployable = deployableOf(trigger, schedule, { scheduleId, taskQueue });
  return [{ scheduleId, trigger, schedule, deployable, hash: deployHash(deployable) }];
}

/** Without the schedules of other projects of the same database. */
async function withoutOthers(
  { db }: ScheduleDeps,
  wanted: readonly Wanted[],
  project: string,
  { installation, schedules }: Listing,
): Promise<Listing['schedules']> {
  if (unwanted(wanted, schedules).length === 0) return schedules;
  const all = await listTriggers(db, { kind: 'schedule' });
  const others = all.filter((trigger) => trigger.project !== project);
  const theirs = new Set(others.map((trigger) => scheduleIdOf(installation, trigger)));
  return new Map([...schedules].filter(([id]) => !theirs.has(id)));
}

/** Of the schedules that Temporal was told of, those that have to be looked at closely. */
function worthALook(
  wanted: readonly Wanted[],
  actual: Listing['schedules'],
  looks: ScheduleLooks,
  { most, at }: { readonly most: number; readonly at: Date },
): Wanted[] {
  const deployed = wanted.filter(
    (each) => isDeployed(each) && (actual.has(each.scheduleId) || !isFinished(each, at)),
  );
  if (deployed.length <= most) return deployed;
  const suspects = deployed.filter(({ scheduleId, deployable }) => {
    const listed = actual.get(scheduleId);
    return !listed || looksDifferent(deployable, listed);
  });
  return [...new Set([...suspects, ...looks.oldest(deployed, most)])];
}
