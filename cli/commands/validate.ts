import { relative } from 'node:path';
import { Command } from 'commander';
import { formatError, type DefinitionError } from '../../pipeline/definition-error.ts';
import type { OpenProject } from '../../project/open-project.ts';

interface Options {
  readonly json?: true;
}

const HELP = `
The exit code is 1 when anything is wrong; warnings are for you to weigh. No server is needed.

Examples:
  $ highwater validate
  $ highwater validate --project ~/pipelines/sales
  $ highwater validate --json | jq -r '.errors[] | "\\(.file):\\(.line) \\(.message)"'`;

/** `highwater validate`: exit code 1 when anything is wrong. */
export function validateCommand(openProject: OpenProject): Command {
  return new Command('validate')
    .description('find everything that is wrong with the definitions of a project')
    .option(
      '--json',
      'print {ok, errors: [{file, line, column, code, message}], warnings: [the same]}',
    )
    .addHelpText('after', HELP)
    .action(async ({ json }: Options) => {
      const { dir, validate, load } = await openProject();
      const errors = await validate();
      if (errors.length > 0) process.exitCode = 1;
      const { warnings, pipelines } = load();
      const found = { errors, warnings };
      process.stdout.write(json ? asJson(found) : asText(dir, found, pipelines.size));
    });
}

/** Warnings are for people to weigh: they fail nothing. */
interface Found {
  readonly errors: readonly DefinitionError[];
  readonly warnings: readonly DefinitionError[];
}

function asJson({ errors, warnings }: Found): string {
  const shown = (all: Found['errors']) =>
    all.map(({ file, line, column, code, message }) => ({ file, line, column, code, message }));
  const report = { ok: errors.length === 0, errors: shown(errors), warnings: shown(warnings) };
  return `${JSON.stringify(report, null, 2)}\n`;
}

/** Files are named from where the user stands, so that terminals and editors can open them. */
function asText(dir: string, { errors, warnings }: Found, pipelines: number): string {
  const here = relative(process.cwd(), dir);
  const lines = (found: Found['errors'], mark = '') =>
    found.map((each) => {
      const file = here === '' ? each.file : `${here}/${each.file}`;
      return `${formatError({ ...each, message: mark + each.message }, file)}\n`;
    });
  const all = [...lines(errors), ...lines(warnings, 'warning: ')];
  const counts = [
    errors.length === 0
      ? `${counted(pipelines, 'pipeline')}: all sound`
      : counted(errors.length, 'error'),
    ...(warnings.length === 0 ? [] : [counted(warnings.length, 'warning')]),
  ];
  return `${all.join('')}${all.length === 0 ? '' : '\n'}${counts.join(', ')}\n`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
