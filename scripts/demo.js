import { spawn } from 'node:child_process';
import { ensureInstalled, root } from './ensure-installed.js';

ensureInstalled();
const args = ['--import', 'tsx', 'scripts/demo.ts', ...process.argv.slice(2)];
const demo = spawn(process.execPath, args, { cwd: root, stdio: 'inherit' });
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => demo.kill(signal));
demo.on('exit', (code) => {
  process.exitCode = code ?? 1;
});
