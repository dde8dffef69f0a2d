import { Command } from 'commander';
import { explain, explainAsText } from '../../plan/explain.ts';
import type { OpenProject } from '../../project/open-project.ts';

interface Options {
  readonly json?: true;
}

const HELP = `
Its blocks in their order, what each reads and writes, its retries and timeouts. Nothing is run, and no server asked.

Examples:
  $ highwater plan daily_sales
  $ highwater plan daily_sales --json | jq '.blocks[].name'`;

/** `highwater plan PIPELINE`: what a run would do. */
export function planCommand(openProject: OpenProject): Command {
  return new Command('plan')
    .description('explain what a run of a pipeline would do')
    .argument('<pipeline>')
    .option('--json', 'print the explanation as JSON')
    .addHelpText('after', HELP)
    .action(async (pipeline: string, { json }: Options) => {
      const { compile } = await openProject();
      const compiled = await compile(pipeline);
      process.stdout.write(
        json ? `${JSON.stringify(explain(compiled), null, 2)}\n` : explainAsText(compiled),
      );
    });
}
