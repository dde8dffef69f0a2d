import { listTriggers } from '../../db/triggers/triggers.ts';
import type { Deployment } from '../contract/trigger.ts';
import type { Deployer } from './deploy.ts';
import { planDeploymentOf, type DeploymentDeps, type PlannedDeployment } from './preview.ts';

/**
 * Makes pipelines and triggers what the files say, after any other deployment and on record as somebody's; answers what
 * was different. Fails with `temporal.unavailable`.
 */
export async function deployProject(
  deps: DeploymentDeps,
  project: string,
  deployer: Deployer,
): Promise<Omit<Deployment, 'dry_run'>> {
  const { actor, told } = deployer;
  return deps.scheduleKeeper.alone(async () => {
    const planned = await planDeploymentOf(deps, project);
    await deps.catalog.deploy(actor, (done, total) => told?.({ what: 'pipelines', done, total }));
    const comparison = await comparisonNow(deps, project, planned);
    await deps.scheduleKeeper.apply(comparison, deployer);
    return planned.shown;
  });
}

/** New triggers have rows by now. */
async function comparisonNow(
  { db, scheduleKeeper }: DeploymentDeps,
  project: string,
  { comparison, listing }: PlannedDeployment,
) {
  const { steps, differences } = comparison;
  if (steps.every(({ action }) => action === 'unchanged')) return comparison;
  const triggers = await listTriggers(db, { kind: 'schedule', project });
  return scheduleKeeper.compare({ project, triggers, listing, differences });
}
