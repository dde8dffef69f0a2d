import { listTriggers } from '../../db/triggers/triggers.ts';
import type { Deployment, DeploymentProgress } from '../contract/trigger.ts';
import { planDeploymentOf, type DeployingDeps, type PlannedDeployment } from './preview.ts';

/** Who deploys; `told` hears how it goes on. */
export interface Deployer {
  readonly actor: string;
  readonly told?: (progress: DeploymentProgress) => void;
}

/**
 * Makes pipelines and triggers what the files say, after any other deployment and on record as somebody's; answers what
 * was different. Fails with `temporal.unavailable`.
 */
export async function deployProject(
  deps: DeployingDeps,
  project: string,
  { actor, told }: Deployer,
): Promise<Omit<Deployment, 'dry_run'>> {
  const tell = (what: DeploymentProgress['what']) => (done: number, total: number) =>
    told?.({ what, done, total });
  return deps.scheduleKeeper.alone(async () => {
    const planned = await planDeploymentOf(deps, project);
    await deps.catalog.deploy(actor, tell('pipelines'));
    const comparison = await comparisonNow(deps, project, planned);
    await deps.scheduleKeeper.apply(comparison, { actor, told: tell('schedules') });
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
