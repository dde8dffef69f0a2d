import { isRegistered, listCurrentPlans, type RegisteredPlan } from '../../db/pipelines/plans.ts';
import { listTriggers, type TriggerRecord } from '../../db/triggers/triggers.ts';
import { hashOf } from '../../plan/hash.ts';
import type { Plan } from '../../plan/plan.ts';
import type { Deployment } from '../contract/trigger.ts';
import type { ApiDeps } from '../deps.ts';
import type { Preview } from '../pipelines/registration.ts';
import { listSchedules, type Comparison, type Listing } from './compare-schedules.ts';
import type { Step } from './deployment.ts';

type PipelinePart = Deployment['pipelines'][number];
type TriggerPart = Deployment['triggers'][number];

export type DeploymentDeps = Pick<
  ApiDeps,
  'db' | 'catalog' | 'temporal' | 'taskQueue' | 'scheduleKeeper'
>;

/** What a deployment of the files as they are now does, and what was found out for it. */
export interface PlannedDeployment {
  readonly shown: Omit<Deployment, 'dry_run'>;
  readonly listing: Listing;
  readonly comparison: Comparison;
}

/** Changes nothing. Fails with `temporal.unavailable`. */
export async function planDeploymentOf(
  { db, catalog, temporal, taskQueue, scheduleKeeper }: DeploymentDeps,
  project: string,
): Promise<PlannedDeployment> {
  const [previews, listing, rows, known] = await Promise.all([
    catalog.preview(),
    listSchedules({ db, temporal, taskQueue }),
    listTriggers(db, { project }),
    listCurrentPlans(db),
  ]);
  const isKnown = (plan: Plan) => isRegistered(known.get(plan.pipeline), plan, project);
  const planned = plannedTriggers(previews, rows, isKnown);
  const triggers = planned.filter(({ definition }) => definition.kind === 'schedule');
  const comparison = await scheduleKeeper.compare({ project, triggers, listing });
  const names = new Set(previews.map(({ name }) => name));
  const gone = [...new Set(rows.map(({ pipeline }) => pipeline))].filter(
    (name) => !names.has(name),
  );
  const shown = {
    pipelines: [
      ...previews.map((preview) => pipelinePart(preview, known.get(preview.name), isKnown)),
      ...gone.map((pipeline) => ({ pipeline, action: 'delete' as const, errors: [] })),
    ],
    triggers: triggerParts(planned, rows, comparison.steps),
  };
  return { shown, listing, comparison };
}

/** The triggers that there will be. A broken pipeline keeps its own, and one that has not changed has them already. */
function plannedTriggers(
  previews: readonly Preview[],
  rows: readonly TriggerRecord[],
  isKnown: (plan: Plan) => boolean,
): TriggerRecord[] {
  const stored = new Map<string, TriggerRecord[]>();
  for (const row of rows) stored.set(row.pipeline, [...(stored.get(row.pipeline) ?? []), row]);
  return previews.flatMap(({ name, compiled }) => {
    const own = stored.get(name) ?? [];
    if (!compiled) return own;
    const { plan } = compiled;
    const { triggers = [] } = plan;
    if (isKnown(plan) && own.length === triggers.length) return own;
    const byName = new Map(own.map((row) => [row.name, row]));
    return triggers.map((definition) => {
      const row = byName.get(definition.name);
      return row ? { ...row, definition } : newTrigger(name, definition);
    });
  });
}

function newTrigger(pipeline: string, definition: TriggerRecord['definition']): TriggerRecord {
  const now = new Date();
  return {
    ...{ id: 0, pipelineId: 0, pipeline, project: null, name: definition.name, definition },
    ...{ paused: false, note: null, createdAt: now, updatedAt: now, timesSince: now },
    ...{ deployedHash: null, deployedAt: null, caughtUpTo: null },
  };
}

function pipelinePart(
  { name, compiled, errors }: Preview,
  before: RegisteredPlan | undefined,
  isKnown: (plan: Plan) => boolean,
): PipelinePart {
  const kept = Boolean(before?.hash);
  const change = kept ? 'update' : 'create';
  const action = !compiled ? 'broken' : isKnown(compiled.plan) ? 'unchanged' : change;
  return { pipeline: name, action, ...(!compiled && { kept }), errors: [...errors] };
}

function triggerParts(
  planned: readonly TriggerRecord[],
  rows: readonly TriggerRecord[],
  steps: readonly Step[],
): TriggerPart[] {
  const byTrigger = new Map(
    steps.flatMap((step): [string, Step][] =>
      step.wanted ? [[keyOf(step.wanted.trigger), step]] : [],
    ),
  );
  const before = new Map(rows.map((row) => [keyOf(row), row]));
  const parts = planned.map((trigger): TriggerPart => {
    const step = byTrigger.get(keyOf(trigger));
    const own = actionOf(trigger, before.get(keyOf(trigger)));
    const action = step && step.action !== 'unchanged' && own !== 'create' ? step.action : own;
    return partOf(trigger, action, step?.detail ?? null);
  });
  const kept = new Set(planned.map(keyOf));
  const gone = rows.filter((row) => !kept.has(keyOf(row)));
  return [...parts, ...gone.map((row) => partOf(row, 'delete', null))];
}

function actionOf({ definition }: TriggerRecord, before: TriggerRecord | undefined) {
  if (!before) return 'create';
  if (definition === before.definition) return 'unchanged';
  return hashOf(definition) === hashOf(before.definition) ? 'unchanged' : 'update';
}

function partOf(
  { pipeline, name, definition }: TriggerRecord,
  action: TriggerPart['action'],
  detail: string | null,
): TriggerPart {
  return { pipeline, trigger: name, kind: definition.kind, action, detail };
}

function keyOf({ pipeline, name }: Pick<TriggerRecord, 'pipeline' | 'name'>): string {
  return `${pipeline}/${name}`;
}
