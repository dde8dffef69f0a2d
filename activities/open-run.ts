import { closeRun } from '../db/runs/close-run.ts';
import type { Db } from '../db/database.ts';
import { admitRun } from '../db/limits/admit-run.ts';
import {
  findRun,
  insertRun,
  linkParentBlock,
  startRun,
  type NewRun,
  type RunRow,
  type StartCause,
} from '../db/runs/open-run.ts';
import { findCurrentHash } from '../db/pipelines/plans.ts';
import { evaluate } from '../plan/expression.ts';
import { limitOf } from '../plan/limit.ts';
import { paramsOfInterval } from '../plan/interval-params.ts';
import { resolveParams } from '../plan/params.ts';
import type { Plan } from '../plan/plan.ts';
import { routeOf } from '../plan/route.ts';
import { isClosed } from '../plan/run-state.ts';
import { Fault } from '../runtime/fault.ts';
import type { JsonObject } from '../runtime/json.ts';
import type { OpenedRun, Opening, OpenRun, ParentBlock } from '../workflows/activities.ts';
import { checkInput } from './check-input.ts';
import type { Plans } from './plans.ts';
import { withSchedule } from './scheduled-start.ts';

export interface OpenRunDeps {
  readonly db: Db;
  readonly plans: Plans;
}

/** Finds the run's row, or inserts it, and marks it running. A second call finds it running. */
export async function openRun(deps: OpenRunDeps, opening: OpenRun): Promise<Opening> {
  checkInput(opening.input);
  const { parent, executionId } = opening.input;
  const id = executionId ?? (await idOf(deps, opening));
  const run = await startRun(deps.db, id, opening.firstRunId);
  if (!run) throw new Fault('run.not_found', `No run ${id}`);
  if (run.state === 'skipped') return { skipped: { executionId: id } };
  if (isClosed(run.state)) {
    throw new Fault('run.not_running', `Run ${id} was ${run.state} before it could start`);
  }
  if (parent) await linkParentBlock(deps.db, parent, id);
  const plan = await deps.plans.get(planOf(run));
  if (run.state === 'queued') return askForTurn(deps, opening, id, plan);
  return { context: contextOf(run, plan), route: routeOf(plan) };
}

/** A limit holds for the run: it begins only when its turn has come. */
async function askForTurn(
  deps: OpenRunDeps,
  opening: OpenRun,
  id: number,
  plan: Plan,
): Promise<Opening> {
  const onLimit = plan.concurrency?.onLimit ?? 'queue';
  const admission = await admitRun(deps.db, id, opening.firstRunId, onLimit);
  if (admission.is === 'admitted') {
    const run = await findRun(deps.db, { id });
    if (run?.state !== 'running') throw new Fault('run.not_running', `Run ${id} can't begin`);
    return { context: contextOf(run, plan), route: routeOf(plan) };
  }
  if (admission.is === 'refused') {
    const end = { state: 'skipped', error: null, watermark: null, blocks: [] } as const;
    await closeRun(deps.db, { executionId: id, ...end });
    return { skipped: { executionId: id } };
  }
  const cancel = admission.givingWay.map(({ workflowId }) => workflowId);
  return { waiting: { executionId: id, message: admission.reason.message, cancel } };
}

function contextOf(run: RunRow, plan: Plan): OpenedRun['context'] {
  return {
    executionId: run.id,
    workflowId: run.workflowId,
    pipeline: plan.pipeline,
    plan: plan.hash,
    params: run.params,
    watermark: run.watermark,
    fullLoad: run.fullLoad,
    scheduledAt: run.scheduledAt?.toISOString() ?? null,
    intervalStart: run.intervalStart?.toISOString() ?? null,
    intervalEnd: run.intervalEnd?.toISOString() ?? null,
  };
}

function planOf(run: RunRow): string {
  if (run.plan === null) throw new Fault('plan.not_found', `Run ${run.id} has no plan`);
  return run.plan;
}

async function idOf(deps: OpenRunDeps, opening: OpenRun): Promise<number> {
  const { workflowId, firstRunId: temporalRunId } = opening;
  const { id } =
    (await findRun(deps.db, { workflowId, temporalRunId })) ?? (await addRow(deps, opening));
  return id;
}

/** A run that the API does not know: a sub-pipeline's, or one that Temporal was asked for directly. */
async function addRow(deps: OpenRunDeps, asked: OpenRun): Promise<RunRow> {
  const { pipeline, workflowId, firstRunId: temporalRunId, input } = asked;
  const hash = input.plan ?? (await findCurrentHash(deps.db, pipeline));
  if (hash === undefined) {
    throw new Fault(
      'pipeline.not_found',
      `No pipeline ${pipeline} is registered: the API does that with every sound one of its project`,
    );
  }
  const identity = { pipeline, plan: hash, workflowId, temporalRunId, parent: input.parent };
  try {
    return await insertRun(deps.db, { ...identity, ...(await workOf(deps, asked, hash)) });
  } catch (error) {
    // Who asked for one of these hears it: the parent's block, the backfill's interval.
    if (isRefusal(error) && !input.parent && !input.started?.backfill) {
      const work = { params: {}, fullLoad: false, limit: null, cause: causeOf(asked) };
      await addRefused(deps, { ...identity, ...work }, error);
    }
    throw error;
  }
}

async function workOf(deps: OpenRunDeps, asked: OpenRun, hash: string) {
  const opening = await withSchedule(deps.db, asked);
  const plan = await deps.plans.get(hash);
  const { params: given, fullLoad, ...cause } = await askedFor(deps, opening);
  const params = resolveParams(plan.params, given);
  const limit = limitOf(plan, params);
  return { params, fullLoad, limit, cause: { ...causeOf(opening), ...cause } };
}

function isRefusal(error: unknown): error is Fault {
  return error instanceof Fault && !error.retryable;
}

/** A run that can't begin is a failed one: otherwise nobody would see it. */
async function addRefused({ db }: OpenRunDeps, run: NewRun, { code, message }: Fault) {
  const { id: executionId } = await insertRun(db, run);
  const end = { state: 'failed', watermark: null, blocks: [] } as const;
  await closeRun(db, { executionId, ...end, error: { code, message } });
}

function causeOf({ input: { parent, started }, scheduledAt }: OpenRun): StartCause {
  if (parent) return { trigger: 'pipeline' };
  if (!started) return { trigger: 'temporal' };
  return { ...(scheduledAt !== undefined && { scheduledAt }), ...started };
}

interface Asked {
  readonly params: JsonObject;
  readonly fullLoad: boolean;
  /** This and what follows, of a sub-pipeline: those of its parent. */
  readonly scheduledAt?: string;
  readonly interval?: { readonly start: string; readonly end: string };
  readonly priority?: number;
}

async function askedFor(deps: OpenRunDeps, { pipeline, input }: OpenRun): Promise<Asked> {
  if (input.parent) return askedByParent(deps, input.parent);
  const { params = {}, full_load: fullLoad = false, started } = input;
  const { backfill, interval } = started ?? {};
  const isGivenForAll = backfill && interval;
  return {
    params: isGivenForAll ? paramsOfInterval(params, pipeline, interval) : params,
    fullLoad,
  };
}

/**
 * A sub-pipeline's params come from its parent's block; a full load of the parent is one of its own, and so are the
 * times that it stands for.
 */
async function askedByParent({ db, plans }: OpenRunDeps, parent: ParentBlock): Promise<Asked> {
  const run = await findRun(db, { id: parent.executionId });
  if (!run) throw new Fault('run.not_found', `No run ${parent.executionId}`);
  const plan = await plans.get(planOf(run));
  const block = plan.blocks.find(({ name }) => name === parent.block);
  if (block?.work.type !== 'pipeline') {
    throw new Fault('plan.not_found', `${parent.block} is no sub-pipeline of ${plan.pipeline}`);
  }
  const times = timesOf(run);
  const scope = {
    params: run.params,
    watermark: run.watermark,
    run: {
      id: run.id,
      pipeline: plan.pipeline,
      scheduled_at: times.scheduledAt ?? null,
      interval_start: times.interval?.start ?? null,
      interval_end: times.interval?.end ?? null,
    },
    blocks: Object.fromEntries(
      Object.entries(parent.values).map(([name, value]) => [name, { value }]),
    ),
  };
  const { fullLoad, priority } = run;
  return { params: evaluate(block.work.params, scope), fullLoad, priority, ...times };
}

function timesOf({ scheduledAt, intervalStart: start, intervalEnd: end }: RunRow) {
  return {
    ...(scheduledAt && { scheduledAt: scheduledAt.toISOString() }),
    ...(start && end && { interval: { start: start.toISOString(), end: end.toISOString() } }),
  };
}
