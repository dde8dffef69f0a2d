import { Client, Connection } from '@temporalio/client';
import { execFile, fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { readStack, type Stack } from '../local/stack-file.ts';
import { buildPackage } from '../scripts/build-package.ts';
import { defaultSlots } from '../worker/create-worker.ts';
import { timed } from './rounds.ts';

const run = promisify(execFile);

/** `highwater dev` for a project, and a worker that knows nothing of Highwater, on one Temporal. */
export interface BenchStack {
  readonly stack: Stack;
  readonly temporal: Client;
  readonly project: string;
  readonly startMs: number;
  /** The process of the worker that knows nothing of Highwater, if there is one. */
  readonly bareWorker: number | undefined;
  highwater(...args: string[]): Promise<string>;
  stop(): Promise<void>;
}

export async function startBenchStack(
  files: Readonly<Record<string, string>>,
  options: StackOptions = { bare: true },
): Promise<BenchStack> {
  const project = await mkdtemp(join(tmpdir(), 'highwater-bench-'));
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(project, path)), { recursive: true });
    await writeFile(join(project, path), text);
  }
  return startFor(project, { ...options, after: () => rm(project, { recursive: true }) });
}

export interface StackOptions {
  /** Whether a worker that knows nothing of Highwater runs beside. */
  readonly bare: boolean;
  /** More of what the stack reads from its environment. */
  readonly env?: Readonly<Record<string, string>>;
  readonly after?: () => Promise<void>;
}

export async function startFor(project: string, options: StackOptions): Promise<BenchStack> {
  const home = await mkdtemp('/var/tmp/highwater-bench-');
  const env = {
    HIGHWATER_SLOTS: String(defaultSlots()), // for the worker beside it, too
    ...process.env,
    ...FREE_PORTS,
    HIGHWATER_HOME: home,
    ...options.env,
  };
  const built = await buildPackage();
  const bin = join(built.root, 'bin', 'highwater.js');
  const highwater = async (...args: string[]) => {
    const options = { env, maxBuffer: 64 * 1024 * 1024 };
    const { stdout } = await run(process.execPath, [bin, ...args, '--project', project], options);
    return stdout;
  };
  const startMs = await timed(() => highwater('dev', '--detach'));
  const stack = await readStack(home);
  if (!stack) throw new Error('The stack left no record');
  const connection = await Connection.connect({ address: stack.temporal });
  const bareEnv = { ...env, TEMPORAL_ADDRESS: stack.temporal };
  const bare = options.bare ? await startBare(bareEnv) : undefined;
  return {
    stack,
    temporal: new Client({ connection }),
    project,
    startMs,
    bareWorker: bare?.pid,
    highwater,
    async stop() {
      bare?.kill('SIGTERM');
      if (bare) await once(bare, 'exit');
      await connection.close();
      await highwater('stop');
      await Promise.all([rm(home, { recursive: true }), built.remove()]);
      await options.after?.();
    },
  };
}

const FREE_PORTS = {
  HIGHWATER_PORT: '0',
  HIGHWATER_POSTGRES_PORT: '0',
  HIGHWATER_TEMPORAL_PORT: '0',
  HIGHWATER_TEMPORAL_UI_PORT: '0',
};

async function startBare(env: NodeJS.ProcessEnv): Promise<ChildProcess> {
  const main = fileURLToPath(new URL('./bare/main.ts', import.meta.url));
  const child = fork(main, { env, execArgv: ['--import', import.meta.resolve('tsx')] });
  await once(child, 'message');
  return child;
}
