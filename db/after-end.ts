import type { RunState } from '../plan/run-state.ts';
import { queueChecks } from './check-queue.ts';
import type { Db } from './database.ts';
import { tellFailures } from './failed-runs.ts';
import { noteEnds } from './watch.ts';

/** An execution that has just ended, whoever ran it. */
export interface EndedExecution {
  readonly id: number;
  readonly pipelineId: number;
  readonly state: RunState;
  /** Null: it never began. */
  readonly start: Date | null;
  readonly end: Date;
  /** What `isFailing` said of its pipeline in the statement that ended it. */
  readonly failing: boolean;
}

/** Asks for whatever must be looked at after an end, in the transaction that ends these executions. */
export async function afterEnd(tx: Db, executions: readonly EndedExecution[]): Promise<void> {
  await queueChecks(
    tx,
    executions.filter(({ state }) => state === 'succeeded'),
  );
  await noteEnds(tx, executions);
  await tellFailures(tx, executions);
}
