import { sql, type RawBuilder } from 'kysely';
import { failureSubject, failureText, successText } from '../../metadata/failed-run.ts';
import { FAILED_STATES, type RunState } from '../../plan/run-state.ts';
import type { RunError } from '../../workflows/activities.ts';
import type { Db } from '../database.ts';
import { raiseNotices, type RaisedNotice } from '../notices/notices.ts';

type Failure = (typeof FAILED_STATES)[number];

/** A run that has just ended, whoever ran it. */
export interface EndOfRun {
  readonly id: number;
  readonly pipelineId: number;
  readonly state: RunState;
  /** What `isFailing` said of the pipeline when the run ended. */
  readonly failing: boolean;
}

/**
 * Whether a failure of this pipeline is on record that no success has ended. It is a column of the statement that ends
 * a run, so that a success costs no more than two looks into an index. `pipelineId` names its table, for notices have
 * such a column too.
 */
export function isFailing(pipelineId: RawBuilder<unknown>): RawBuilder<boolean> {
  const subject = sql`${failureSubject('')}::text || ${pipelineId}`;
  return sql<boolean>`(
    exists (select from notice where subject = ${subject} and recovered_at is null)
    or exists (select from raised_notice where subject = ${subject}))`;
}

/**
 * Raises a notice of every run that failed, and of every first success after a failure, in the transaction
 * that ends them and in the order given. A failed run of a sub-pipeline is told by its parent, which fails
 * with it. Where nothing failed it asks Postgres nothing.
 */
export async function tellFailures(tx: Db, ended: readonly EndOfRun[]): Promise<void> {
  const failing = new Set<number>();
  const told = ended.filter(({ pipelineId, state, failing: before }) => {
    if (isFailure(state)) failing.add(pipelineId);
    else if (state !== 'succeeded' || !(before || failing.delete(pipelineId))) return false;
    return true;
  });
  if (told.length === 0) return;
  const facts = await readFacts(
    tx,
    told.map(({ id }) => id),
  );
  await raiseNotices(
    tx,
    told.flatMap((end) => toNotice(end, facts.get(end.id))),
  );
}

function isFailure(state: RunState): state is Failure {
  return FAILED_STATES.some((failure) => failure === state);
}

interface Facts {
  readonly pipeline: string;
  readonly reported: boolean;
  readonly seconds: number | null;
  readonly error: RunError | null;
  readonly inParent: boolean;
}

async function readFacts(tx: Db, ids: readonly number[]): Promise<Map<number, Facts>> {
  const rows = await tx
    .selectFrom('pipeline_execution as e')
    .innerJoin('pipeline as p', 'p.id', 'e.pipeline_id')
    .select(['e.id', 'p.name as pipeline', 'e.trigger_kind', 'e.duration_seconds as seconds'])
    .select(['e.error', 'e.parent_id'])
    .where('e.id', '=', sql<number>`any(${ids}::bigint[])`)
    .execute();
  return new Map(
    rows.map(({ id, pipeline, trigger_kind, seconds, error, parent_id }) => {
      const reported = trigger_kind === 'reported';
      const inParent = parent_id !== null && !reported;
      return [id, { pipeline, reported, seconds, error: error as RunError | null, inParent }];
    }),
  );
}

function toNotice(end: EndOfRun, facts: Facts | undefined): RaisedNotice[] {
  if (!facts) return [];
  const { id, pipelineId, state } = end;
  const subject = failureSubject(pipelineId);
  const about = { kind: 'run_failed', pipelineId, executionId: id, subject } as const;
  if (!isFailure(state)) {
    const text = successText(id, facts.pipeline);
    return [{ ...about, severity: 'info', recovered: true, ...text }];
  }
  if (facts.inParent) return [];
  return [
    { ...about, severity: 'error', recovered: false, ...failureText({ id, state, ...facts }) },
  ];
}
