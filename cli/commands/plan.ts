import { Command } from 'commander';
import { explain, explainAsText } from '../../plan/explain.ts';
import type { OpenProject } from '../../project/open-project.ts';

interface Options {
  readonly json?: true;
}

/** `highwater plan PIPELINE`: what a run would do. */
export function planCommand(openProject: OpenProject): Command {
  return new Command('plan')
    .description('explain what a run of a pipeline would do')
    .argument('<pipeline>')
    .option('--json', 'print the explanation as JSON')
    .action(async (pipeline: string, { json }: Options) => {
      const { compile } = await openProject();
      const compiled = await compile(pipeline);
      process.stdout.write(
        json ? `${JSON.stringify(explain(compiled), null, 2)}\n` : explainAsText(compiled),
      );
    });
}
