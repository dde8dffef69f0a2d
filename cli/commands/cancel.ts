import { Command } from 'commander';
import { Run } from '../../api/contract/run.ts';
import type { Connect } from '../api-client.ts';
import { stateText } from '../run-text.ts';

export function cancelCommand(connect: Connect): Command {
  return new Command('cancel')
    .description('ask a run to stop')
    .argument('<run>')
    .option('--json', 'print it as JSON, like show --json')
    .action(async (id: string, { json }: { json?: true }) => {
      const client = await connect();
      const run = await client.post(`/api/runs/${encodeURIComponent(id)}/cancel`, Run);
      const text =
        run.state === 'running' || run.state === 'queued'
          ? `Run ${run.id} was asked to stop: highwater show ${run.id}`
          : `Run ${run.id}: ${stateText(run.state)}`;
      process.stdout.write(json ? `${JSON.stringify(run, null, 2)}\n` : `${text}\n`);
    });
}
