import { relative } from 'node:path';
import { Command } from 'commander';
import { formatError, type DefinitionError } from '../../pipeline/definition-error.ts';
import type { OpenProject } from '../../project/open-project.ts';

interface Options {
  readonly json?: true;
}

/** `highwater validate`: exit code 1 when anything is wrong. */
export function validateCommand(openProject: OpenProject): Command {
  return new Command('validate')
    .description('find everything that is wrong with the definitions of a project')
    .option('--json', 'print {ok, errors: [{file, line, column, code, message}]}')
    .action(async ({ json }: Options) => {
      const { dir, validate, load } = openProject();
      const errors = await validate();
      if (errors.length > 0) process.exitCode = 1;
      process.stdout.write(json ? asJson(errors) : asText(dir, errors, load().pipelines.size));
    });
}

function asJson(errors: readonly DefinitionError[]): string {
  const shown = errors.map(({ file, line, column, code, message }) => ({
    file,
    line,
    column,
    code,
    message,
  }));
  return `${JSON.stringify({ ok: errors.length === 0, errors: shown }, null, 2)}\n`;
}

/** Files are named from where the user stands, so that terminals and editors can open them. */
function asText(dir: string, errors: readonly DefinitionError[], pipelines: number): string {
  if (errors.length === 0) return `${counted(pipelines, 'pipeline')}: all sound\n`;
  const here = relative(process.cwd(), dir);
  const lines = errors.map((error) =>
    formatError(error, here === '' ? error.file : `${here}/${error.file}`),
  );
  return `${lines.join('\n')}\n\n${counted(errors.length, 'error')}\n`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
