import { Command } from 'commander';
import { Run } from '../../api/contract/run.ts';
import type { Trigger } from '../../api/contract/trigger.ts';
import { Fault } from '../../runtime/fault.ts';
import type { Json } from '../../runtime/json.ts';
import type { Connect } from '../api-client.ts';
import { currentUser } from '../current-user.ts';
import { findTrigger } from '../find-trigger.ts';

interface FireOptions {
  readonly token?: string;
  readonly body?: string;
  readonly key?: string;
  readonly json?: true;
}

/** Part of `highwater triggers`. */
export function triggerFireCommand(connect: Connect): Command {
  return new Command('fire')
    .description('start a run: of a schedule now, of an API trigger as its callers do')
    .argument('<trigger>')
    .option('--token <token>', 'of an API trigger')
    .option('--body <json>', 'what an API trigger is sent')
    .option('--key <key>', 'the same key again starts no second run')
    .option('--json', 'print the run as JSON')
    .action(async (text: string, options: FireOptions) => {
      const client = await connect();
      const trigger = await findTrigger(client, text);
      const { path, body } = requestOf(trigger, options);
      const headers = headersOf(options);
      const run = await client.post(path, Run, { headers, ...(body !== undefined && { body }) });
      const line = `run ${run.id} of ${run.pipeline}: ${run.state}`;
      process.stdout.write(`${options.json ? JSON.stringify(run, null, 2) : line}\n`);
    });
}

/** What the API is sent. Fails when the options do not suit the trigger. */
function requestOf(trigger: Trigger, options: FireOptions): { path: string; body?: Json } {
  const { id, kind, pipeline, name } = trigger;
  switch (kind) {
    case 'schedule':
      refuseForSchedule(trigger, options);
      return { path: `/api/triggers/${id}/start`, body: { actor: currentUser() } };
    case 'api': {
      if (isSigned(trigger)) {
        const message = `${name} takes signed webhooks: it is fired by whoever has the secret`;
        throw new Fault('trigger.wrong_kind', message);
      }
      if (options.token === undefined) {
        const rotate = `highwater triggers token rotate ${pipeline}/${name}`;
        const message = `${name} wants its --token: "${rotate}" makes a new one, in place of the one before`;
        throw new Fault('request.invalid', message);
      }
      const path = `/api/triggers/${id}/fire`;
      return options.body === undefined ? { path } : { path, body: parseBody(options.body) };
    }
    case 'event': {
      const message = `${name} waits for events: POST one to /api/events`;
      throw new Fault('trigger.wrong_kind', message);
    }
  }
}

function refuseForSchedule({ name, pipeline }: Trigger, { token, body }: FireOptions): void {
  const option = token !== undefined ? '--token' : body !== undefined ? '--body' : undefined;
  if (option === undefined) return;
  const message = `${name} is a schedule, with the params of its file, and takes no ${option}: for other params, highwater run ${pipeline} -p NAME=VALUE`;
  throw new Fault('request.invalid', message);
}

function isSigned({ definition }: Trigger): boolean {
  const { api } = definition as { readonly api?: { readonly signature?: unknown } };
  return api?.signature !== undefined;
}

function headersOf({ token, key }: FireOptions) {
  return {
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
    ...(key !== undefined && { 'idempotency-key': key }),
  };
}

function parseBody(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    throw new Fault('request.invalid', `--body is no JSON: ${text}`, { cause: error });
  }
}
