import { Command } from 'commander';
import {
  NextFires,
  Trigger,
  TriggerChanges,
  TriggerDetail,
  TriggerList,
} from '../../api/contract/trigger.ts';
import type { Connect } from '../api-client.ts';
import { currentUser } from '../current-user.ts';
import { findTrigger } from '../find-trigger.ts';
import { readCount } from '../read-count.ts';
import { drawNext, drawTrigger, drawTriggers } from '../trigger-text.ts';
import { triggerFireCommand } from './trigger-fire.ts';
import { triggerTokenCommand } from './trigger-token.ts';

interface Json {
  readonly json?: true;
}

interface ListOptions extends Json {
  readonly pipeline?: string;
  readonly kind?: string;
}

const HELP = `
A TRIGGER is PIPELINE/NAME, or its number.
--json prints what the API answers: Trigger, TriggerDetail, TriggerList, TriggerChanges, NextFires and Run in /openapi.json.

Examples:
  $ highwater triggers list
  $ highwater triggers next daily_sales/nightly --count 3
  $ highwater triggers pause daily_sales/nightly --note "prices are being mended"
  $ highwater triggers fire daily_sales/nightly               a schedule: a run now
  $ highwater triggers fire orders/shop --token hwt_… --body '{"order": 7}'`;

export function triggersCommand(connect: Connect): Command {
  return new Command('triggers')
    .description('what makes pipelines run by themselves')
    .addHelpText('after', HELP)
    .addCommand(listCommand(connect))
    .addCommand(showCommand(connect))
    .addCommand(nextCommand(connect))
    .addCommand(pauseCommand(connect, 'pause', 'let it start nothing until it is resumed'))
    .addCommand(pauseCommand(connect, 'resume', 'let it start runs again'))
    .addCommand(triggerFireCommand(connect))
    .addCommand(triggerTokenCommand(connect));
}

function listCommand(connect: Connect): Command {
  return new Command('list')
    .description('all of them, and when they fire next')
    .option('--pipeline <name>', 'only those of one pipeline')
    .option('--kind <kind>', 'schedule, api or event')
    .option('--json', 'print them as JSON')
    .action(async ({ json, pipeline, kind }: ListOptions) => {
      const client = await connect();
      const filter = { ...(pipeline && { pipeline }), ...(kind && { kind }) };
      const query = new URLSearchParams(filter).toString();
      const { triggers } = await client.get(`/api/triggers?${query}`, TriggerList);
      print(json, { triggers }, drawTriggers(triggers));
    });
}

function showCommand(connect: Connect): Command {
  return new Command('show')
    .description('one of them, and who did what to it')
    .argument('<trigger>')
    .option('--json', 'print it as JSON')
    .action(async (text: string, { json }: Json) => {
      const client = await connect();
      const { id } = await findTrigger(client, text);
      const trigger = await client.get(`/api/triggers/${id}`, TriggerDetail);
      const changes = await client.get(`/api/triggers/${trigger.id}/changes`, TriggerChanges);
      print(json, { ...trigger, ...changes }, drawTrigger(trigger, changes));
    });
}

function nextCommand(connect: Connect): Command {
  return new Command('next')
    .description('when a schedule fires next, without jitter, and the interval of each run')
    .argument('<trigger>')
    .option('--count <count>', 'how many', readCount, 10)
    .option('--after <time>', 'from then on, such as 2026-10-24T00:00Z')
    .option('--json', 'print them as JSON')
    .action(async (text: string, options: Json & { count: number; after?: string }) => {
      const client = await connect();
      const { id } = await findTrigger(client, text);
      const { count, after } = options;
      const query = new URLSearchParams({ count: String(count), ...(after && { after }) });
      const fires = await client.get(`/api/triggers/${id}/next?${query.toString()}`, NextFires);
      print(options.json, fires, drawNext(fires));
    });
}

function pauseCommand(connect: Connect, word: 'pause' | 'resume', description: string): Command {
  return new Command(word)
    .description(description)
    .argument('<trigger>')
    .option('--note <text>', 'why; it is kept on record, with your name')
    .option('--json', 'print it as JSON')
    .action(async (text: string, { note, json }: Json & { note?: string }) => {
      const client = await connect();
      const { id } = await findTrigger(client, text);
      const body = { actor: currentUser(), ...(note !== undefined && { note }) };
      const trigger = await client.post(`/api/triggers/${id}/${word}`, Trigger, { body });
      const state = trigger.paused ? 'paused' : 'active';
      print(json, trigger, [`${trigger.pipeline}/${trigger.name} is ${state}`]);
    });
}

function print(json: true | undefined, answer: object, lines: readonly string[]): void {
  const text = json ? JSON.stringify(answer, null, 2) : lines.join('\n');
  process.stdout.write(`${text}\n`);
}
