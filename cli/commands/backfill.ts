import { Command, Option } from 'commander';
import { Backfill, BackfillPlan, type BackfillRequest } from '../../api/contract/backfill.ts';
import { Pipeline } from '../../api/contract/pipeline.ts';
import type { ApiClient, Connect } from '../api-client.ts';
import { drawFailed, drawPlan, drawStarted } from '../backfill-text.ts';
import { currentUser } from '../current-user.ts';
import { loadFailed } from '../failed-intervals.ts';
import { followBackfill } from '../follow-backfill.ts';
import { leavable } from '../leavable.ts';
import { collect, parseParams } from '../param-options.ts';
import { readCount } from '../read-count.ts';

interface BackfillOptions {
  readonly from: string;
  readonly to: string;
  readonly every?: string;
  readonly timezone?: string;
  readonly trigger?: string;
  readonly params?: readonly string[];
  readonly param?: readonly string[];
  readonly maxParallel?: number;
  readonly order?: 'asc' | 'desc';
  readonly only?: 'missing' | 'failed';
  readonly moveWatermark?: true;
  readonly dryRun?: true;
  readonly wait?: true;
  readonly json?: true;
}

const HELP = `
Each interval is a run of its own, which knows it as $interval_start and $interval_end. Steps: 15m, 1h,
1d, 1w, 1 month, 1 quarter, 1 year; days and longer are those of the time zone's calendar.
--json prints what the API answers: BackfillPlan with --dry-run, else Backfill in /openapi.json.
Exit codes: 0 it was started (with --wait: it succeeded); 1 it did not, or the command is wrong; 2 Highwater failed;
  130 Ctrl-C: the backfill goes on.

Examples:
  $ highwater backfill daily_sales --from 2026-01-01 --to 2026-02-01 --every 1d --dry-run
  $ highwater backfill daily_sales --from 2026-01-01 --to 2027-01-01 --every 1d --max-parallel 8
  $ highwater backfill daily_sales --from 2026-01-01 --to 2027-01-01 --every 1d --only missing --wait
  $ highwater backfills list              look at it, pause it, change it, retry, cancel: see there`;

export function backfillCommand(connect: Connect): Command {
  return new Command('backfill')
    .description('run a pipeline for every interval of the past; "backfills" looks after them')
    .argument('<pipeline>')
    .requiredOption(
      '--from <time>',
      'where the first interval begins: 2026-01-31, 2026-01-31T12:00',
    )
    .requiredOption('--to <time>', 'where the last one ends')
    .option('--every <step>', 'how long each is; as its schedule says when left out')
    .option('--timezone <zone>', 'of times without an offset, and of days; UTC when left out')
    .option('--trigger <name>', 'a schedule of the pipeline: its step, time zone and params')
    .option('-p, --params <name=value>', 'set a param (again for each)', collect)
    .addOption(new Option('--param <name=value>').argParser(collect).hideHelp())
    .option('--max-parallel <count>', 'how many run at the same time; 1 when left out', readCount)
    .addOption(new Option('--order <order>', 'the oldest or the newest first').choices(ORDERS))
    .addOption(
      new Option('--only <those>', 'without a run that succeeded, or whose newest one failed') //
        .choices(['missing', 'failed']),
    )
    .option('--move-watermark', 'let its runs take the watermark along')
    .option('--dry-run', 'only tell what would run, and about how long')
    .option('--wait', 'wait for the end, and tell how it goes')
    .option('--json', 'print it as JSON')
    .addHelpText('after', HELP)
    .action(async (pipeline: string, options: BackfillOptions) => {
      const client = await connect();
      const body = await requestOf(client, pipeline, options);
      if (options.dryRun) await showPlan(client, body, options);
      else await start(client, body, options);
    });
}

const ORDERS = ['asc', 'desc'];

async function requestOf(
  client: ApiClient,
  pipeline: string,
  options: BackfillOptions,
): Promise<BackfillRequest> {
  const { from, to, every, timezone, trigger, maxParallel, order, only } = options;
  const given = [...(options.params ?? []), ...(options.param ?? [])];
  return {
    ...{ pipeline, from, to, actor: currentUser() },
    ...(every !== undefined && { every }),
    ...(timezone !== undefined && { timezone }),
    ...(trigger !== undefined && { trigger }),
    ...(maxParallel !== undefined && { max_parallel: maxParallel }),
    ...(order && { order }),
    ...(only && { only }),
    ...(options.moveWatermark && { move_watermark: true }),
    ...(options.dryRun && { dry_run: true }),
    ...(given.length > 0 && { params: await readParams(client, pipeline, given) }),
  };
}

async function readParams(client: ApiClient, name: string, given: readonly string[]) {
  const path = `/api/pipelines/${encodeURIComponent(name)}`;
  const { params } = await client.get(path, Pipeline);
  return parseParams(given, params);
}

async function showPlan(
  client: ApiClient,
  body: BackfillRequest,
  { json }: BackfillOptions,
): Promise<void> {
  const plan = await client.post('/api/backfills', BackfillPlan, { body });
  print(json ? [JSON.stringify(plan, null, 2)] : drawPlan(plan));
}

async function start(
  client: ApiClient,
  body: BackfillRequest,
  { json, wait }: BackfillOptions,
): Promise<void> {
  const started = await client.post('/api/backfills', Backfill, { body });
  const say = json ? () => undefined : print;
  say(drawStarted(started));
  const shown = wait ? await followToEnd(client, started, say) : started;
  if (json) print([JSON.stringify(shown, null, 2)]);
  if (wait && shown.state !== 'succeeded') process.exitCode = 1;
}

async function followToEnd(
  client: ApiClient,
  started: Backfill,
  say: (lines: readonly string[]) => void,
): Promise<Backfill> {
  const { id } = started;
  const goesOn = `Backfill ${id} goes on without you. Stop it: highwater backfills cancel ${id}`;
  const ended = await leavable(goesOn, () =>
    followBackfill(client, started, (line) => {
      say([line]);
    }),
  );
  const failed = drawFailed(ended, await loadFailed(client, ended.id));
  if (failed.length > 0) say(failed);
  return ended;
}

function print(lines: readonly string[]): void {
  process.stdout.write(`${lines.join('\n')}\n`);
}
