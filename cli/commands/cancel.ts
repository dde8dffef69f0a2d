import { Command } from 'commander';
import { Run } from '../../api/contract/run.ts';
import type { Connect } from '../api-client.ts';
import { currentUser } from '../current-user.ts';
import { stateText } from '../run-text.ts';

const HELP = `
It answers at once; blocks that run are told to stop, and killed when they don't. Who asked is on record.
Example:
  $ highwater cancel 12`;

export function cancelCommand(connect: Connect): Command {
  return new Command('cancel')
    .description('ask a run to stop')
    .argument('<run>', 'its number, as "highwater runs" lists it')
    .option('--json', 'print it as JSON, like show --json')
    .addHelpText('after', HELP)
    .action(async (id: string, { json }: { json?: true }) => {
      const client = await connect();
      const body = { actor: currentUser() };
      const run = await client.post(`/api/runs/${encodeURIComponent(id)}/cancel`, Run, { body });
      const text =
        run.state === 'running' || run.state === 'queued'
          ? `Run ${run.id} was asked to stop: highwater show ${run.id}`
          : `Run ${run.id}: ${stateText(run.state)}`;
      process.stdout.write(json ? `${JSON.stringify(run, null, 2)}\n` : `${text}\n`);
    });
}
