import { Command } from 'commander';
import { Event, EventPage } from '../../api/contract/event.ts';
import type { Connect } from '../api-client.ts';
import { currentUser } from '../current-user.ts';
import { drawEvent, drawEvents } from '../event-text.ts';

interface ListOptions {
  readonly type?: string;
  readonly source?: string;
  readonly state?: string;
  readonly limit: string;
  readonly json?: true;
}

interface ReplayOptions {
  readonly trigger?: string;
  readonly onlyDead?: true;
  readonly json?: true;
}

const HELP = `
--json prints [EventSummary] or Event: see /openapi.json.

Examples:
  $ highwater events list --state dead              what could start nothing
  $ highwater events show 12                        what it says, what it matched, its runs
  $ highwater events replay 12 --only-dead          start what could not be started
  $ highwater events replay 12 --trigger sales/paid`;

export function eventsCommand(connect: Connect): Command {
  return new Command('events')
    .description('what has happened, and the runs that it started')
    .addHelpText('after', HELP)
    .addCommand(listCommand(connect))
    .addCommand(showCommand(connect))
    .addCommand(replayCommand(connect));
}

function listCommand(connect: Connect): Command {
  return new Command('list')
    .description('the newest first')
    .option('--type <type>', 'only of this type')
    .option('--source <source>', 'only of this source')
    .option('--state <state>', 'received, matched, unmatched or dead')
    .option('--limit <count>', 'how many', '20')
    .option('--json', 'print them as JSON')
    .action(async ({ json, ...options }: ListOptions) => {
      const client = await connect();
      const query = new URLSearchParams(options).toString();
      const { events } = await client.get(`/api/events?${query}`, EventPage);
      print(json, events, drawEvents(events));
    });
}

function showCommand(connect: Connect): Command {
  return new Command('show')
    .description('one event, what it matched, and the runs that it started')
    .argument('<event>')
    .option('--json', 'print it as JSON')
    .action(async (id: string, { json }: { json?: true }) => {
      const client = await connect();
      const event = await client.get(`/api/events/${encodeURIComponent(id)}`, Event);
      print(json, event, drawEvent(event));
    });
}

function replayCommand(connect: Connect): Command {
  return new Command('replay')
    .description('match it once more, with the triggers as they are now')
    .argument('<event>')
    .option('--trigger <pipeline/name>', 'only this one; all that match when left out')
    .option('--only-dead', 'only triggers that could start nothing for it')
    .option('--json', 'print it as JSON')
    .action(async (id: string, { trigger, onlyDead, json }: ReplayOptions) => {
      const client = await connect();
      const body = { actor: currentUser(), trigger, ...(onlyDead && { only_dead: true }) };
      const path = `/api/events/${encodeURIComponent(id)}/replay`;
      const event = await client.post(path, Event, { body });
      print(json, event, drawEvent(event));
    });
}

function print(json: true | undefined, value: unknown, lines: readonly string[]): void {
  process.stdout.write(json ? `${JSON.stringify(value, null, 2)}\n` : `${lines.join('\n')}\n`);
}
