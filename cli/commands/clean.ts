import { Command } from 'commander';
import { CleanUp, type Removed } from '../../api/contract/clean-up.ts';
import type { ApiClient, Connect } from '../api-client.ts';
import { inColumns } from '../columns.ts';

interface CleanOptions {
  readonly dryRun?: true;
  readonly json?: true;
}

const WAIT = '20s';

const HELP = `
What is kept how long: "retention" in a pipeline's file, and below "defaults" in highwater.yaml.
--json prints {id, dry_run, started_at, finished_at, removed: {runs, block_runs, log_lines, artifacts, closure_parents,
  closure_children, timeliness_logs, freshness_logs, anomaly_results, events, watermark_changes, notices}, error}.

Examples:
  $ highwater clean --dry-run
  $ highwater clean --json | jq .removed.runs`;

export function cleanCommand(connect: Connect): Command {
  return new Command('clean')
    .description('remove what is older than it is kept, now; every night it goes by itself')
    .option('--dry-run', 'only count what would go')
    .option('--json', 'print the counts as JSON')
    .addHelpText('after', HELP)
    .action(async ({ dryRun, json }: CleanOptions) => {
      const client = await connect();
      const asked = await client.post('/api/clean-ups', CleanUp, {
        body: { dry_run: dryRun ?? false },
      });
      const ended = await follow(client, asked);
      process.stdout.write(json ? `${JSON.stringify(ended, null, 2)}\n` : toText(ended));
    });
}

/** A clean-up that takes long, or that fails and is tried again, says so. */
async function follow(client: ApiClient, asked: CleanUp): Promise<CleanUp> {
  let seen = asked;
  while (seen.finished_at === null) {
    seen = await client.get(`/api/clean-ups/${asked.id}?wait=${WAIT}`, CleanUp);
    if (seen.finished_at !== null) break;
    const how = seen.error === null ? 'it goes on' : `it is tried again after: ${seen.error}`;
    process.stderr.write(`${seen.removed.runs} runs so far; ${how}\n`);
  }
  return seen;
}

function toText({ dry_run, removed }: CleanUp): string {
  const rows = (Object.keys(removed) as (keyof Removed)[]).filter((name) => removed[name] > 0);
  if (rows.length === 0) return 'Nothing is too old.\n';
  const title = dry_run ? 'Would be removed:' : 'Removed:';
  const cells = rows.map((name) => [`  ${name.replaceAll('_', ' ')}`, String(removed[name])]);
  return `${[title, ...inColumns(cells)].join('\n')}\n`;
}
