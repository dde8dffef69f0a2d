import { afterEach, inject } from 'vitest';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { launch } from '../../local/process.ts';
import { createDatabase, newTaskQueue, temporalAddress } from './servers.ts';
import { until } from './until.ts';

/** What the processes of one test file have in common. */
export interface Surroundings {
  readonly project: string;
  readonly home: string;
  readonly databaseUrl: string;
  readonly warehouseUrl: string;
  readonly temporal: string;
  readonly taskQueue: string;
}

/** An API or a worker as it runs in production: a process of its own. */
export interface TestProcess {
  readonly pid: number;
  /** All that it logged. */
  readonly lines: readonly string[];
  readonly exited: Promise<string>;
  stop(): Promise<void>;
  /** As `kill -9` does it. */
  kill(): Promise<void>;
}

const TAIL_LINES = 40;
const started: { name: string; lines: string[] }[] = [];

afterEach(({ task }) => {
  if (task.result?.state !== 'fail') return;
  for (const { name, lines } of started) {
    console.error([`--- ${name}`, ...lines.slice(-TAIL_LINES)].join('\n'));
  }
});

export async function createSurroundings(project: string): Promise<Surroundings> {
  const [databaseUrl, warehouseUrl] = await Promise.all([createDatabase(), createDatabase()]);
  return {
    project,
    home: await mkdtemp(join(tmpdir(), 'highwater-home-')),
    databaseUrl,
    warehouseUrl,
    temporal: temporalAddress(),
    taskQueue: newTaskQueue(),
  };
}

export async function startWorker(
  around: Surroundings,
  env: Readonly<Record<string, string>> = {},
): Promise<TestProcess> {
  const worker = await startProcess('worker', around, env);
  await untilLogged(worker, 'worker started');
  return worker;
}

export async function startApi(
  around: Surroundings,
  env: Readonly<Record<string, string>> = {},
): Promise<TestProcess & { readonly url: string }> {
  const api = await startProcess('api', around, { HIGHWATER_PORT: '0', ...env });
  const { port } = await untilLogged(api, 'API listening');
  const url = `http://127.0.0.1:${String(port)}`;
  await until(async () => (await fetch(`${url}/health/ready`)).ok);
  return { ...api, url };
}

async function startProcess(
  name: 'api' | 'worker',
  around: Surroundings,
  env: Readonly<Record<string, string>>,
): Promise<TestProcess> {
  const lines: string[] = [];
  started.push({ name, lines });
  const running = await launch({
    command: process.execPath,
    args: [join(inject('builtRoot'), 'dist', name, 'main.js')],
    cwd: around.project,
    env: {
      ...process.env,
      DATABASE_URL: around.databaseUrl,
      HIGHWATER_HOME: around.home,
      HIGHWATER_PROJECT: around.project,
      HIGHWATER_TASK_QUEUE: around.taskQueue,
      TEMPORAL_ADDRESS: around.temporal,
      WAREHOUSE_URL: around.warehouseUrl,
      ...env,
    },
    ipc: true,
    graceMs: 30_000,
    log: (line) => lines.push(line),
  });
  const kill = async () => {
    process.kill(running.pid, 'SIGKILL');
    await running.exited;
  };
  return { ...running, lines, kill };
}

type Entry = Readonly<Record<string, unknown>>;

/** The entry with this message, once it is there; fails when the process ends without it. */
async function untilLogged({ lines, exited }: TestProcess, message: string): Promise<Entry> {
  let ended: string | undefined;
  void exited.then((how) => (ended = how));
  return until(() => {
    const entry = lines.map(parse).find(({ msg }) => msg === message);
    if (!entry && ended !== undefined) throw new Error(`It ${ended}:\n${lines.join('\n')}`);
    return entry;
  }, 60_000);
}

function parse(line: string): Entry {
  return line.startsWith('{') ? (JSON.parse(line) as Entry) : {};
}
