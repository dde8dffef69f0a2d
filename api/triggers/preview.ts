import { listCurrentPlans } from '../../db/pipelines/plans.ts';
import { listTriggers, type TriggerRecord } from '../../db/triggers/triggers.ts';
import { hashOf } from '../../plan/hash.ts';
import type { Catalog, Preview } from '../pipelines/catalog.ts';
import type { Deployment } from '../contract/trigger.ts';
import { compareSchedules, type DeployDeps } from './deploy.ts';
import type { Step } from './deployment.ts';

type PipelinePart = Deployment['pipelines'][number];
type TriggerPart = Deployment['triggers'][number];

/** What a deployment of the files as they are now does. Fails with `temporal.unavailable`. */
export async function previewDeployment(
  deps: DeployDeps & { readonly catalog: Catalog },
  project: string,
): Promise<Omit<Deployment, 'dry_run'>> {
  const previews = await deps.catalog.preview();
  const rows = await listTriggers(deps.db, { project });
  const known = await listCurrentPlans(deps.db);
  const ours = new Set(rows.map(({ pipeline }) => pipeline));
  const planned = previews.flatMap((preview) => plannedOf(preview, rows));
  const schedules = planned.filter(({ definition }) => definition.kind === 'schedule');
  const { steps } = await compareSchedules(deps, schedules, project);
  return {
    pipelines: [
      ...previews.map((preview) => pipelinePart(preview, known.get(preview.name)?.hash)),
      ...[...ours]
        .filter((name) => !previews.some((preview) => preview.name === name))
        .map((pipeline) => ({ pipeline, action: 'delete' as const, errors: [] })),
    ],
    triggers: triggerParts(planned, rows, steps),
  };
}

/** The triggers that a pipeline will have; a broken one keeps those that it has. */
function plannedOf({ name, plan }: Preview, rows: readonly TriggerRecord[]): TriggerRecord[] {
  const stored = rows.filter(({ pipeline }) => pipeline === name);
  if (!plan) return stored;
  return (plan.triggers ?? []).map((definition) => {
    const row = stored.find((each) => each.name === definition.name);
    return row ? { ...row, definition } : newTrigger(name, definition);
  });
}

function newTrigger(pipeline: string, definition: TriggerRecord['definition']): TriggerRecord {
  const now = new Date();
  return {
    ...{ id: 0, pipelineId: 0, pipeline, project: null, name: definition.name, definition },
    ...{ paused: false, note: null, createdAt: now, updatedAt: now },
    ...{ deployedHash: null, deployedAt: null, caughtUpTo: null },
  };
}

function pipelinePart({ name, plan, errors }: Preview, hash: string | undefined): PipelinePart {
  const action = !plan ? 'broken' : hash === plan.hash ? 'unchanged' : hash ? 'update' : 'create';
  return { pipeline: name, action, errors: errors.map((error) => ({ ...error })) };
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
