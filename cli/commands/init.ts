import { cp, mkdir, readdir, rename } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { Fault } from '../../runtime/fault.ts';
import { packageRoot } from '../../runtime/paths.ts';

const HELP = `
Examples:
  $ highwater init sales
  $ cd sales && highwater dev --detach && highwater run daily_sales`;

export function initCommand(): Command {
  return new Command('init')
    .description('make a project in a new or empty folder, with a small pipeline that runs')
    .argument('<dir>')
    .addHelpText('after', HELP)
    .action(async (dir: string) => {
      const target = resolve(dir);
      await mkdir(target, { recursive: true });
      const [present] = await readdir(target);
      if (present !== undefined) {
        throw new Fault('request.conflict', `${dir} is not empty: it holds ${present}`);
      }
      await cp(join(packageRoot, 'templates', 'starter'), target, { recursive: true });
      await rename(join(target, 'gitignore'), join(target, '.gitignore')); // npm packs no .gitignore
      process.stdout.write(nextCommands(dir));
    });
}

function nextCommands(dir: string): string {
  return `A project is in ${dir}. Next:

  cd ${dir}
  highwater dev --detach        # starts everything on this machine
  highwater run daily_sales     # runs pipelines/daily_sales.yaml
  highwater show 1              # what it did
  highwater stop
`;
}
