import { Command } from 'commander';
import { TokenRevoked, TriggerToken } from '../../api/contract/trigger-token.ts';
import type { Connect } from '../api-client.ts';
import { currentUser } from '../current-user.ts';

type Json = { readonly json?: true };

const HELP = `
Whoever fires an API trigger sends its token: Authorization: Bearer hwt_…

Examples:
  $ highwater triggers token rotate sales/on_request    a new one, told once
  $ highwater triggers token revoke sales/on_request    nobody can fire it`;

/** Part of `highwater triggers`. */
export function triggerTokenCommand(connect: Connect): Command {
  return new Command('token')
    .description('who may fire an API trigger')
    .addHelpText('after', HELP)
    .addCommand(rotateCommand(connect))
    .addCommand(revokeCommand(connect));
}

function rotateCommand(connect: Connect): Command {
  return new Command('rotate')
    .description('give it a new token; the one before is worth nothing from now on')
    .argument('<trigger>', 'pipeline/name, or its number')
    .option('--json', 'print it as JSON')
    .action(async (trigger: string, { json }: Json) => {
      const client = await connect();
      const body = { actor: currentUser() };
      const made = await client.post(pathOf(trigger), TriggerToken, { body });
      const lines = [made.token, `It is not shown again. POST to ${made.path}`];
      print(json, made, lines);
    });
}

function revokeCommand(connect: Connect): Command {
  return new Command('revoke')
    .description('take its token away')
    .argument('<trigger>', 'pipeline/name, or its number')
    .option('--json', 'print it as JSON')
    .action(async (trigger: string, { json }: Json) => {
      const client = await connect();
      const query = new URLSearchParams({ by: currentUser() }).toString();
      const gone = await client.delete(`${pathOf(trigger)}?${query}`, TokenRevoked);
      print(json, gone, [`Nobody can fire ${gone.pipeline}/${gone.name} any more`]);
    });
}

function pathOf(trigger: string): string {
  return `/api/triggers/${trigger.split('/').map(encodeURIComponent).join('/')}/token`;
}

function print(json: true | undefined, value: unknown, lines: readonly string[]): void {
  process.stdout.write(json ? `${JSON.stringify(value, null, 2)}\n` : `${lines.join('\n')}\n`);
}
