import { Command } from 'commander';
import { findPython } from '../hosts/python/find-python.ts';
import { readConfig } from '../runtime/config.ts';
import { Fault, messageOf } from '../runtime/fault.ts';
import { planCommand } from './commands/plan.ts';
import { validateCommand } from './commands/validate.ts';

/** Read when a command needs it, so that a bad environment does not keep `--help` from working. */
const python = () => findPython(readConfig(process.env).python);

const program = new Command('highwater')
  .description('Data pipelines that do not lose their place.')
  .showHelpAfterError('(add --help for what is possible)')
  .addCommand(validateCommand(python))
  .addCommand(planCommand(python));

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = error instanceof Fault && error.status < 500 ? 1 : 2;
}
