import type { RunState } from '../plan/run-state.ts';
import { queueChecks } from './check-queue.ts';
import type { Db } from './database.ts';
import { noteEnds } from './watch.ts';

/** An execution that has just ended, whoever ran it. */
export interface EndedExecution {
  readonly id: number;
  readonly pipelineId: number;
  readonly state: RunState;
  /** Null: it never began. */
  readonly start: Date | null;
  readonly end: Date;
}

/** Asks for whatever must be looked at after an end, in the transaction that ends these executions. */
export async function afterEnd(tx: Db, executions: readonly EndedExecution[]): Promise<void> {
  await queueChecks(
    tx,
    executions.filter(({ state }) => state === 'succeeded'),
  );
  await noteEnds(tx, executions);
}
