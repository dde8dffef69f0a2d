import { listTriggers } from '../../db/triggers/triggers.ts';
import type { Deployment } from '../contract/trigger.ts';
import { planDeploymentOf, type DeployingDeps, type PlannedDeployment } from './preview.ts';

/**
 * Makes pipelines and triggers what the files say, after any other deployment and on record as somebody's; answers what
 * was different. Fails with `temporal.unavailable`.
 */
export async function deployProject(
  deps: DeployingDeps,
  project: string,
  actor: string,
): Promise<Omit<Deployment, 'dry_run'>> {
  return deps.scheduleKeeper.alone(async () => {
    const planned = await planDeploymentOf(deps, project);
    await deps.catalog.deploy(actor);
    await deps.scheduleKeeper.apply(await comparisonNow(deps, project, planned), actor);
    return planned.shown;
  });
}

/** New triggers have rows by now. */
async function comparisonNow(
  { db, scheduleKeeper }: DeployingDeps,
  project: string,
  { comparison, listing }: PlannedDeployment,
) {
  const { steps, differences } = comparison;
  if (steps.every(({ action }) => action === 'unchanged')) return comparison;
  const triggers = await listTriggers(db, { kind: 'schedule', project });
  return scheduleKeeper.compare({ project, triggers, listing, differences });
}
