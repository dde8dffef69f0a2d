import { untilBack } from '../db/away.ts';
import { getPlan } from '../db/pipelines/plans.ts';
import type { Db } from '../db/database.ts';
import type { Hash, Plan, PlannedBlock } from '../plan/plan.ts';
import { Fault } from '../runtime/fault.ts';
import { keepRecent } from '../runtime/keep-recent.ts';
import type { BlockTask } from '../workflows/activities.ts';

const KEPT = 500;

/** Plans by hash. A plan never changes, so each is read from the database once. */
export interface Plans {
  get(hash: Hash): Promise<Plan>;
}

export function createPlans(db: Db): Plans {
  return { get: keepRecent(KEPT, (hash) => getPlan(db, hash)) };
}

/** A block, and the plan that it is of. */
export interface Planned {
  readonly plan: Plan;
  readonly block: PlannedBlock;
}

/** The block of a task as its run's plan has it; waits for the database. */
export async function findPlanned(
  plans: Plans,
  { run, block: name }: BlockTask,
  signal: AbortSignal,
): Promise<Planned> {
  const plan = await untilBack(() => plans.get(run.plan), signal);
  const block = plan.blocks.find((candidate) => candidate.name === name);
  if (!block) throw new Fault('plan.not_found', `Plan ${plan.hash} has no block ${name}`);
  return { plan, block };
}
