import { Command } from 'commander';
import { Fault, messageOf } from '../runtime/fault.ts';

const program = new Command('highwater')
  .description('Data pipelines that do not lose their place.')
  .showHelpAfterError('(add --help for what is possible)');

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = error instanceof Fault && error.status < 500 ? 1 : 2;
}
