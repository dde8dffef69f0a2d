import { Command } from 'commander';
import { explain, explainAsText } from '../../plan/explain.ts';
import { findProject } from '../../project/find-project.ts';
import { openProject } from '../../project/open-project.ts';
import type { FindPython } from '../../project/sources.ts';

interface Options {
  readonly project?: string;
  readonly json?: true;
}

/** `highwater plan PIPELINE`: what a run would do. */
export function planCommand(findPython: FindPython): Command {
  return new Command('plan')
    .description('explain what a run of a pipeline would do')
    .argument('<pipeline>')
    .option('--project <dir>', 'the project; the nearest folder upward that is one when left out')
    .option('--json', 'print the explanation as JSON')
    .action(async (pipeline: string, { project, json }: Options) => {
      const compiled = await openProject(project ?? findProject('.') ?? '.', {
        findPython,
      }).compile(pipeline);
      process.stdout.write(
        json ? `${JSON.stringify(explain(compiled), null, 2)}\n` : explainAsText(compiled),
      );
    });
}
