import { getPlan } from '../db/pipelines/plans.ts';
import type { Db } from '../db/database.ts';
import type { Hash, Plan } from '../plan/plan.ts';
import { keepRecent } from '../runtime/keep-recent.ts';

const KEPT = 500;

/** Plans by hash. A plan never changes, so each is read from the database once. */
export interface Plans {
  get(hash: Hash): Promise<Plan>;
}

export function createPlans(db: Db): Plans {
  return { get: keepRecent(KEPT, (hash) => getPlan(db, hash)) };
}
