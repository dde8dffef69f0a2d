import { relative } from 'node:path';
import { Command } from 'commander';
import { formatError, type DefinitionError } from '../../pipeline/definition-error.ts';
import { findProject } from '../../project/find-project.ts';
import { openProject } from '../../project/open-project.ts';
import type { FindPython } from '../../project/sources.ts';

interface Options {
  readonly project?: string;
  readonly json?: true;
}

/** `highwater validate`: exit code 1 when anything is wrong. */
export function validateCommand(findPython: FindPython): Command {
  return new Command('validate')
    .description('find everything that is wrong with the definitions of a project')
    .option('--project <dir>', 'the project; the nearest folder upward that is one when left out')
    .option('--json', 'print {ok, errors}')
    .action(async ({ project, json }: Options) => {
      const { dir, validate, load } = openProject(project ?? findProject('.') ?? '.', {
        findPython,
      });
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
