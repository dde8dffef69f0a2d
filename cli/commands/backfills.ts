import { Command } from 'commander';
import { Backfill, BackfillPage, IntervalPage } from '../../api/contract/backfill.ts';
import type { ApiClient, Connect } from '../api-client.ts';
import { drawBackfill, drawBackfills, drawIntervals } from '../backfill-text.ts';
import { currentUser } from '../current-user.ts';
import { loadFailed } from '../failed-intervals.ts';
import { readCount } from '../read-count.ts';

interface ListOptions {
  readonly pipeline?: string;
  readonly state?: string;
  readonly limit: string;
  readonly json?: true;
}

const HELP = `
--json prints a Backfill, of list [BackfillSummary], of intervals [BackfillInterval]: see /openapi.json.
States: running, paused, cancelling, succeeded, failed, cancelled, terminated.

Examples:
  $ highwater backfill daily_sales --from 2026-01-01 --to 2027-01-01 --every 1d     starts one
  $ highwater backfills list --state running,paused
  $ highwater backfills pause 3          nothing new starts; what runs goes on
  $ highwater backfills resume 3
  $ highwater backfills set 3 --max-parallel 4
  $ highwater backfills retry 3          runs what failed again, with the code of now
  $ highwater backfills cancel 3         ends what runs, too
  $ highwater runs --backfill 3`;

export function backfillsCommand(connect: Connect): Command {
  return new Command('backfills')
    .description('look after backfills: list, show, pause, resume, set, retry, cancel')
    .addHelpText('after', HELP)
    .addCommand(listCommand(connect))
    .addCommand(showCommand(connect))
    .addCommand(intervalsCommand(connect))
    .addCommand(verbCommand(connect, 'pause', 'start nothing more; what runs goes on to its end'))
    .addCommand(verbCommand(connect, 'resume', 'go on'))
    .addCommand(setCommand(connect))
    .addCommand(verbCommand(connect, 'retry', 'run what failed again, with the code of now'))
    .addCommand(verbCommand(connect, 'cancel', 'end what runs, and start nothing more'));
}

function listCommand(connect: Connect): Command {
  return new Command('list')
    .description('the newest first')
    .option('--pipeline <name>', 'only of this pipeline')
    .option('--state <state>', 'only in this state, or in several with commas between')
    .option('--limit <count>', 'how many', '20')
    .option('--json', 'print them as JSON')
    .action(async ({ pipeline, state, limit, json }: ListOptions) => {
      const client = await connect();
      const query = new URLSearchParams({
        limit,
        ...(pipeline !== undefined && { pipeline }),
        ...(state !== undefined && { state }),
      });
      const { backfills } = await client.get(`/api/backfills?${query.toString()}`, BackfillPage);
      print(json, backfills, drawBackfills(backfills));
    });
}

function showCommand(connect: Connect): Command {
  return new Command('show')
    .description('how far it is, what failed, and who did what')
    .argument('<id>')
    .option('--json', 'print it as JSON')
    .action(async (id: string, { json }: { json?: true }) => {
      const client = await connect();
      await show(client, await client.get(pathOf(id), Backfill), json);
    });
}

function intervalsCommand(connect: Connect): Command {
  return new Command('intervals')
    .description('its intervals with their states and runs')
    .argument('<id>')
    .option('--state <state>', 'only in this state, or in several with commas between')
    .option('--json', 'print them as JSON')
    .action(async (id: string, { state, json }: { state?: string; json?: true }) => {
      const client = await connect();
      const { timezone } = await client.get(pathOf(id), Backfill);
      const states = state === undefined ? '' : `&state=${encodeURIComponent(state)}`;
      const intervals: IntervalPage['intervals'] = [];
      let next: string | null = `${pathOf(id)}/intervals?limit=1000${states}`;
      while (next !== null) {
        const page: IntervalPage = await client.get(next, IntervalPage);
        intervals.push(...page.intervals);
        next = page.links.next;
      }
      print(json, intervals, drawIntervals(intervals, timezone));
    });
}

function verbCommand(connect: Connect, verb: string, description: string): Command {
  return new Command(verb)
    .description(description)
    .argument('<id>')
    .option('--json', 'print it as JSON')
    .action(async (id: string, { json }: { json?: true }) => {
      const client = await connect();
      const body = { actor: currentUser() };
      await show(client, await client.post(`${pathOf(id)}/${verb}`, Backfill, { body }), json);
    });
}

function setCommand(connect: Connect): Command {
  return new Command('set')
    .description('change how many of its runs run at the same time')
    .argument('<id>')
    .requiredOption('--max-parallel <count>', 'from 1 to 100', readCount)
    .option('--json', 'print it as JSON')
    .action(async (id: string, { maxParallel, json }: { maxParallel: number; json?: true }) => {
      const client = await connect();
      const body = { max_parallel: maxParallel, actor: currentUser() };
      await show(client, await client.patch(pathOf(id), Backfill, { body }), json);
    });
}

async function show(client: ApiClient, backfill: Backfill, json: true | undefined): Promise<void> {
  const failed = json ? [] : await loadFailed(client, backfill.id);
  print(json, backfill, drawBackfill(backfill, failed));
}

function pathOf(id: string): string {
  return `/api/backfills/${encodeURIComponent(id)}`;
}

function print(json: true | undefined, answer: object, lines: readonly string[]): void {
  const text = json ? JSON.stringify(answer, null, 2) : lines.join('\n');
  process.stdout.write(`${text}\n`);
}
