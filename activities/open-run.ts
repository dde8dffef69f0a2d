import type { Db } from '../db/database.ts';
import { findRun, insertRun, linkParentBlock, startRun, type RunRow } from '../db/open-run.ts';
import { findCurrentHash } from '../db/plans.ts';
import type { RunCause } from '../db/run-requests.ts';
import { evaluate } from '../plan/expression.ts';
import { resolveParams } from '../plan/params.ts';
import type { Plan } from '../plan/plan.ts';
import { routeOf } from '../plan/route.ts';
import { isClosed } from '../plan/run-state.ts';
import { Fault } from '../runtime/fault.ts';
import type { JsonObject } from '../runtime/json.ts';
import type { OpenedRun, OpenRun, ParentBlock, RunInput } from '../workflows/activities.ts';
import { checkInput } from './check-input.ts';
import type { Plans } from './plans.ts';

export interface OpenRunDeps {
  readonly db: Db;
  readonly plans: Plans;
}

/** Finds the run's row, or inserts it, and marks it running. A second call finds it running. */
export async function openRun(deps: OpenRunDeps, opening: OpenRun): Promise<OpenedRun> {
  checkInput(opening.input);
  const id = opening.input.executionId ?? (await idOf(deps, opening));
  const run = await startRun(deps.db, id, opening.firstRunId);
  if (!run) throw new Fault('run.not_found', `No run ${id}`);
  if (isClosed(run.state)) {
    throw new Fault('run.not_running', `Run ${id} was ${run.state} before it could start`);
  }
  if (opening.input.parent) await linkParentBlock(deps.db, opening.input.parent, id);
  const plan = await deps.plans.get(planOf(run));
  return { context: contextOf(run, plan), route: routeOf(plan) };
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
async function addRow(deps: OpenRunDeps, opening: OpenRun): Promise<RunRow> {
  const { pipeline, workflowId, firstRunId, input } = opening;
  const hash = input.plan ?? (await findCurrentHash(deps.db, pipeline));
  if (hash === undefined) {
    throw new Fault(
      'pipeline.not_found',
      `No pipeline ${pipeline} is registered: the API does that with every sound one of its project`,
    );
  }
  const plan = await deps.plans.get(hash);
  const asked = await askedFor(deps, opening.input);
  return insertRun(deps.db, {
    pipeline,
    plan: hash,
    workflowId,
    temporalRunId: firstRunId,
    params: resolveParams(plan.params, asked.params),
    fullLoad: asked.fullLoad,
    cause: causeOf(opening),
    parent: input.parent,
  });
}

function causeOf({ input: { parent, started }, scheduledAt }: OpenRun): RunCause {
  if (parent) return { trigger: 'pipeline' };
  if (!started) return { trigger: 'temporal' };
  const { keepWatermark, ...cause } = started;
  return { ...(scheduledAt !== undefined && { scheduledAt }), ...cause };
}

interface Asked {
  readonly params: JsonObject;
  readonly fullLoad: boolean;
}

async function askedFor(deps: OpenRunDeps, input: RunInput): Promise<Asked> {
  if (input.parent) return askedByParent(deps, input.parent);
  return { params: input.params ?? {}, fullLoad: input.full_load ?? false };
}

/** A sub-pipeline's params come from its parent's block; a full load of the parent is one of its own. */
async function askedByParent({ db, plans }: OpenRunDeps, parent: ParentBlock): Promise<Asked> {
  const run = await findRun(db, { id: parent.executionId });
  if (!run) throw new Fault('run.not_found', `No run ${parent.executionId}`);
  const plan = await plans.get(planOf(run));
  const block = plan.blocks.find(({ name }) => name === parent.block);
  if (block?.work.type !== 'pipeline') {
    throw new Fault('plan.not_found', `${parent.block} is no sub-pipeline of ${plan.pipeline}`);
  }
  const scope = {
    params: run.params,
    watermark: run.watermark,
    run: { id: run.id, pipeline: plan.pipeline },
    blocks: Object.fromEntries(
      Object.entries(parent.values).map(([name, value]) => [name, { value }]),
    ),
  };
  return { params: evaluate(block.work.params, scope), fullLoad: run.fullLoad };
}
