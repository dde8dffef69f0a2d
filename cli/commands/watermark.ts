import { Command } from 'commander';
import {
  Watermark,
  WatermarkHistory,
  WatermarkSetting,
  type WatermarkRequest,
} from '../../api/contract/watermark.ts';
import { Fault } from '../../runtime/fault.ts';
import type { Connect } from '../api-client.ts';
import { currentUser } from '../current-user.ts';
import { drawHistory, drawSetting, drawWatermark } from '../watermark-text.ts';

interface SetOptions {
  readonly none?: true;
  readonly reason?: string;
  readonly dryRun?: true;
  readonly json?: true;
}

const HELP = `
--json prints what the API answers: Watermark, WatermarkSetting and WatermarkHistory in /openapi.json.
A negative VALUE comes after two dashes.

Examples:
  $ highwater watermark show daily_sales
  $ highwater watermark set daily_sales 2026-03-01 --dry-run      what would be loaded again
  $ highwater watermark set daily_sales 2026-03-01 --reason "prices were wrong"
  $ highwater watermark set balances --reason "start over" --none
  $ highwater watermark history daily_sales --limit 100`;

export function watermarkCommand(connect: Connect): Command {
  return new Command('watermark')
    .description('show, set and trace up to where the data of a pipeline are loaded')
    .addHelpText('after', HELP)
    .addCommand(showCommand(connect))
    .addCommand(setCommand(connect))
    .addCommand(historyCommand(connect));
}

function showCommand(connect: Connect): Command {
  return new Command('show')
    .description('where it is, and which open runs have read it')
    .argument('<pipeline>')
    .option('--json', 'print it as JSON')
    .action(async (pipeline: string, { json }: { json?: true }) => {
      const client = await connect();
      const watermark = await client.get(pathOf(pipeline), Watermark);
      print(json, watermark, drawWatermark(watermark));
    });
}

function setCommand(connect: Connect): Command {
  return new Command('set')
    .description('put it somewhere else: the next run goes on from there')
    .argument('<pipeline>')
    .argument('[value]')
    .option('--none', 'take it away: the next run loads everything')
    .option('--reason <text>', 'why; it is kept on record, with your name')
    .option('--dry-run', 'only tell what would be loaded again')
    .option('--json', 'print it as JSON')
    .action(async (pipeline: string, value: string | undefined, options: SetOptions) => {
      const body = requestOf(value, options);
      const client = await connect();
      const setting = await client.put(pathOf(pipeline), WatermarkSetting, { body });
      print(options.json, setting, drawSetting(setting));
    });
}

function historyCommand(connect: Connect): Command {
  return new Command('history')
    .description('every change, and every one that was refused, the newest first')
    .argument('<pipeline>')
    .option('--limit <count>', 'how many', '20')
    .option('--json', 'print them as JSON')
    .action(async (pipeline: string, { limit, json }: { limit: string; json?: true }) => {
      const client = await connect();
      const query = new URLSearchParams({ limit }).toString();
      const history = await client.get(`${pathOf(pipeline)}/history?${query}`, WatermarkHistory);
      print(json, history, drawHistory(history));
    });
}

function requestOf(
  value: string | undefined,
  { none, reason, dryRun }: SetOptions,
): WatermarkRequest {
  if ((value === undefined) !== (none === true)) {
    throw new Fault('request.invalid', 'Say either a value, or --none to take the watermark away');
  }
  return {
    value: value ?? null,
    actor: currentUser(),
    ...(reason !== undefined && { reason }),
    ...(dryRun && { dry_run: true }),
  };
}

function pathOf(pipeline: string): string {
  return `/api/pipelines/${encodeURIComponent(pipeline)}/watermark`;
}

function print(json: true | undefined, answer: object, lines: readonly string[]): void {
  const text = json ? JSON.stringify(answer, null, 2) : lines.join('\n');
  process.stdout.write(`${text}\n`);
}
