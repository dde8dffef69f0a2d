import { Command } from 'commander';
import { Deployment, DeploymentLine } from '../../api/contract/trigger.ts';
import { Fault } from '../../runtime/fault.ts';
import { faultOf, type ApiClient, type Connect } from '../api-client.ts';
import { countProgress, type CountProgress } from '../count-progress.ts';
import { currentUser } from '../current-user.ts';
import { drawDeployment, isDifferent } from '../deployment-text.ts';

interface DeployOptions {
  readonly dryRun?: true;
  readonly json?: true;
}

const HELP = `
Files are the truth: what they say of pipelines and triggers is made so in Postgres and Temporal. What somebody paused
stays paused. The API does the same whenever a file changes, unless it runs with HIGHWATER_DEPLOY=by_hand: then files
count from a deployment on.
How far it has come is shown on the standard error output, unless with --json.
A broken file changes nothing of its own pipeline, and does not keep the others from being deployed.
--json prints {dry_run, pipelines: [{pipeline, action, errors}], triggers: [{pipeline, trigger, kind, action, detail}]};
actions are create, update, unchanged, delete, drift (changed in Temporal: put right) and broken.
Exit codes: 0 all is as the files say; 1 a file is broken, or no API answers; 2 Highwater failed.

Examples:
  $ highwater deploy --dry-run     what would be different
  $ highwater deploy`;

const HUNG_UP =
  'The API hung up before it had deployed: see that it runs ("highwater status"), then deploy again';

export function deployCommand(connect: Connect): Command {
  return new Command('deploy')
    .description('make pipelines and triggers what the files of the project say')
    .option('--dry-run', 'only show the plan')
    .option('--json', 'print it as JSON')
    .addHelpText('after', HELP)
    .action(async ({ dryRun, json }: DeployOptions) => {
      const client = await connect();
      const plan = await client.post('/api/deployments', Deployment, { body: { dry_run: true } });
      if (!json) print(drawDeployment(plan).join('\n'));
      const isNews = !dryRun && isDifferent(plan);
      const done = isNews
        ? await deploy(client, json ? undefined : countProgress(process.stderr))
        : { ...plan, dry_run: dryRun === true };
      if (json) print(JSON.stringify(done, null, 2));
      else if (isNews) print('Deployed');
      if (done.pipelines.some(({ action }) => action === 'broken')) process.exitCode = 1;
    });
}

async function deploy(client: ApiClient, shown?: CountProgress): Promise<Deployment> {
  const lines = client.lines('/api/deployments', DeploymentLine, {
    body: { actor: currentUser() },
    hungUp: HUNG_UP,
  });
  try {
    for await (const line of lines) {
      if ('deployment' in line) return line.deployment;
      if ('problem' in line) throw faultOf(line.problem);
      const { done, total, what } = line.progress;
      shown?.show(`${done} of ${total} ${what}`);
    }
  } finally {
    shown?.end();
  }
  throw new Fault('stack.missing', HUNG_UP);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
