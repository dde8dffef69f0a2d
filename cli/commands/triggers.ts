import { Command } from 'commander';
import { Run } from '../../api/contract/run.ts';
import {
  NextFires,
  Trigger,
  TriggerChanges,
  TriggerDetail,
  TriggerList,
} from '../../api/contract/trigger.ts';
import { Fault } from '../../runtime/fault.ts';
import type { ApiClient, Connect } from '../api-client.ts';
import { currentUser } from '../current-user.ts';
import { readCount } from '../read-count.ts';
import { drawNext, drawTrigger, drawTriggers } from '../trigger-text.ts';
import { triggerTokenCommand } from './trigger-token.ts';

interface Json {
  readonly json?: true;
}

interface ListOptions extends Json {
  readonly pipeline?: string;
  readonly kind?: string;
}

interface FireOptions extends Json {
  readonly token?: string;
  readonly body?: string;
  readonly key?: string;
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
    .addCommand(fireCommand(connect))
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
      const { id } = await find(client, text);
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
      const { id } = await find(client, text);
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
      const { id } = await find(client, text);
      const body = { actor: currentUser(), ...(note !== undefined && { note }) };
      const trigger = await client.post(`/api/triggers/${id}/${word}`, Trigger, { body });
      const state = trigger.paused ? 'paused' : 'active';
      print(json, trigger, [`${trigger.pipeline}/${trigger.name} is ${state}`]);
    });
}

function fireCommand(connect: Connect): Command {
  return new Command('fire')
    .description('start a run: of a schedule now, of an API trigger as its callers do')
    .argument('<trigger>')
    .option('--token <token>', 'of an API trigger')
    .option('--body <json>', 'what an API trigger is sent')
    .option('--key <key>', 'the same key again starts no second run')
    .option('--json', 'print the run as JSON')
    .action(async (text: string, options: FireOptions) => {
      const client = await connect();
      const { id, kind, name } = await find(client, text);
      if (kind === 'event') {
        const message = `${name} waits for events: POST one to /api/events`;
        throw new Fault('trigger.wrong_kind', message);
      }
      const path = `/api/triggers/${id}/${kind === 'schedule' ? 'start' : 'fire'}`;
      const body = kind === 'schedule' ? { actor: currentUser() } : parseBody(options.body);
      const run = await client.post(path, Run, {
        headers: headersOf(options),
        ...(body && { body }),
      });
      print(options.json, run, [`run ${run.id} of ${run.pipeline}: ${run.state}`]);
    });
}

function headersOf({ token, key }: FireOptions) {
  return {
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
    ...(key !== undefined && { 'idempotency-key': key }),
  };
}

function parseBody(text: string | undefined): object | undefined {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as object;
  } catch (error) {
    throw new Fault('request.invalid', `--body is no JSON: ${text}`, { cause: error });
  }
}

/** By `pipeline/name`, or by number. Fails with `trigger.not_found`. */
async function find(client: ApiClient, text: string): Promise<Trigger> {
  const [pipeline = '', name] = text.split('/');
  if (name === undefined) return client.get(`/api/triggers/${encodeURIComponent(text)}`, Trigger);
  const query = new URLSearchParams({ pipeline, name }).toString();
  const { triggers } = await client.get(`/api/triggers?${query}`, TriggerList);
  const [trigger] = triggers;
  if (!trigger) throw new Fault('trigger.not_found', `There is no trigger ${text}`);
  return trigger;
}

function print(json: true | undefined, answer: object, lines: readonly string[]): void {
  const text = json ? JSON.stringify(answer, null, 2) : lines.join('\n');
  process.stdout.write(`${text}\n`);
}
