import { getPlan } from '../db/pipelines/plans.ts';
import type { Db } from '../db/database.ts';
import type { Hash, Plan } from '../plan/plan.ts';

const KEPT = 500;

/** Plans by hash. A plan never changes, so each is read from the database once. */
export interface Plans {
  get(hash: Hash): Promise<Plan>;
}

export function createPlans(db: Db): Plans {
  const known = new Map<Hash, Plan>();
  return {
    async get(hash) {
      const plan = known.get(hash) ?? (await getPlan(db, hash));
      known.delete(hash);
      known.set(hash, plan);
      const oldest = known.keys().next();
      if (known.size > KEPT && !oldest.done) known.delete(oldest.value);
      return plan;
    },
  };
}
