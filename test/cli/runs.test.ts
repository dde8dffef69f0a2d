import { spawn, type ChildProcess } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { LogLine } from '../../api/contract/log.ts';
import type { Run, RunSummary } from '../../api/contract/run.ts';
import { highwaterBin } from '../support/highwater.ts';
import {
  createSurroundings,
  startApi,
  startWorker,
  type Surroundings,
} from '../support/processes.ts';
import { createProject, typescript } from '../support/project.ts';
import { until } from '../support/until.ts';

const FILES = {
  'pipelines/counts.yaml': `
params:
  count: { type: integer, default: 3 }
  label: { type: string, default: none }
blocks:
  numbers: { kind: loader, file: numbers.sql }
  doubled: { kind: transformer, file: doubled.sql, inputs: [numbers] }
`,
  'pipelines/broken.yaml': `
defaults: { retry: { attempts: 2, initial_interval: 10ms } }
blocks:
  bad: { kind: custom, file: bad.ts }
  after: { kind: custom, file: bad.ts, after: [bad] }
`,
  'pipelines/slow.yaml': `
blocks:
  slow: { kind: custom, file: slow.ts }
`,
  'pipelines/nested.yaml': `
blocks:
  inner: { kind: pipeline, pipeline: counts, params: { count: 2 } }
`,
  'blocks/numbers.sql': 'select i from range($count) t(i)\n',
  'blocks/doubled.sql': 'select i * 2 as i from numbers\n',
  'blocks/bad.ts': typescript(`log.warn('about to fail'); throw new Error('it never works');`),
  'blocks/slow.ts': typescript(
    `for (let at = 0; at < 600; at += 1) { log.info('tick ' + at); await sleep(100); }`,
  ),
};

let around: Surroundings;
let api: Awaited<ReturnType<typeof startApi>>;
let worker: Awaited<ReturnType<typeof startWorker>>;

beforeAll(async () => {
  around = await createSurroundings(await createProject(FILES));
  [api, worker] = await Promise.all([startApi(around), startWorker(around)]);
});
afterAll(async () => {
  await Promise.all([api.stop(), worker.stop()]);
  await Promise.all([around.home, around.project].map((path) => rm(path, { recursive: true })));
});

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface Command {
  readonly process: ChildProcess;
  readonly output: () => string;
  readonly ended: Promise<Ended>;
}

function begin(args: readonly string[], address = api.url): Command {
  const child = spawn(process.execPath, [highwaterBin(), ...args], {
    cwd: around.project,
    env: { ...process.env, HIGHWATER_API: address, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      resolve({ code, stdout, stderr });
    });
  });
  return { process: child, output: () => stdout, ended };
}

const highwater = (...args: string[]): Promise<Ended> => begin(args).ended;

async function detach(pipeline: string): Promise<string> {
  const { stdout } = await highwater('run', pipeline, '--detach', '--json');
  return String((JSON.parse(stdout) as Run).id);
}

async function show(id: string): Promise<Run> {
  return JSON.parse((await highwater('show', id, '--json')).stdout) as Run;
}

test('run waits, tells each change in a line, and ends with 0', async () => {
  const { code, stdout } = await highwater('run', 'counts');

  expect(code).toBe(0);
  expect(stdout).toMatch(/^counts {2}run \d+ (queued|running|started)$/m);
  expect(stdout).toMatch(/^counts\/numbers {2}succeeded, 3 rows, \d/m);
  expect(stdout).toMatch(/^counts {2}run \d+ succeeded after \d/m);
});

test('run --json prints the ended run and nothing else', async () => {
  const { code, stdout } = await highwater('run', 'counts', '-p', 'count=5', '--json');

  expect(code).toBe(0);
  const run = JSON.parse(stdout) as Run;
  expect(Object.keys(run)).toEqual([
    'id',
    'pipeline',
    'state',
    'started_at',
    'finished_at',
    'watermark',
    'next_watermark',
    'blocks',
  ]);
  expect(run).toMatchObject({ pipeline: 'counts', state: 'succeeded' });
  expect(
    run.blocks.map(({ name, state, rows, attempts }) => [name, state, rows, attempts]),
  ).toEqual([
    ['numbers', 'succeeded', 5, 1],
    ['doubled', 'succeeded', 5, 1],
  ]);
  expect(Object.keys(run.blocks[0] ?? {})).toEqual([
    'name',
    'state',
    'rows',
    'attempts',
    'duration_ms',
  ]);
});

test('params keep the type that the pipeline gives them', async () => {
  const { stdout } = await highwater('run', 'counts', '-p', 'count=2', '-p', 'label=7', '--json');

  const { params } = await show(String((JSON.parse(stdout) as Run).id));

  expect(params).toEqual({ count: 2, label: '7' });
});

test.each([
  [['run', 'counts', '-p', 'count=many'], 'count must be a whole number'],
  [['run', 'counts', '-p', 'cuont=1'], 'cuont'],
  [['run', 'counts', '-p', 'count'], 'write it as name=value'],
  [['run', 'missing'], 'There is no pipeline missing'],
  [['show', '4711'], 'No run 4711'],
  [['logs', 'x'], 'No run x'],
  [['logs', '1', '--block', 'numbrs'], 'Run 1 has no block numbrs (did you mean "numbers"?)'],
  [['cancel', '4711'], 'No run 4711'],
  [['runs', '--state', 'gone'], 'state'],
])('%j ends with 1 and says why', async (args, text) => {
  const { code, stdout, stderr } = await highwater(...args);

  expect(code).toBe(1);
  expect(stderr).toContain(text);
  expect(stdout).toBe('');
});

test('a failed run ends with 1 and shows the error of its block', async () => {
  const { code, stdout } = await highwater('run', 'broken');

  expect(code).toBe(1);
  expect(stdout).toContain('broken/bad  failed (attempt 2)');
  expect(stdout).toContain('it never works');
  expect(stdout).toMatch(/highwater logs \d+/);
});

test('who asked for a run is shown with it', async () => {
  const id = await detach('counts');

  expect((await highwater('show', id)).stdout).toContain(`asked for by ${userInfo().username}`);
});

test('a reader that has seen enough ends a command quietly', async () => {
  const listing = begin(['runs', '--json']);
  listing.process.stdout?.destroy();

  expect((await listing.ended).stderr).toBe('');
});

test('a run that no worker takes says so after some seconds', async () => {
  process.kill(worker.pid, 'SIGSTOP');
  try {
    const running = begin(['run', 'counts']);
    await until(() => running.output().includes('no worker has taken it'));
    process.kill(worker.pid, 'SIGCONT');
    expect((await running.ended).code).toBe(0);
  } finally {
    process.kill(worker.pid, 'SIGCONT');
  }
});

test('the blocks of a sub-pipeline are shown below its own', async () => {
  const { stdout } = await highwater('run', 'nested');
  const id = /^nested {2}run (\d+)/m.exec(stdout)?.[1] ?? '';

  expect(stdout).toContain('nested/inner/numbers  succeeded, 2 rows');
  expect((await highwater('show', id)).stdout).toMatch(/^ {4}✓ numbers +loader/m);
});

test('Ctrl-C leaves the run alone and says how to stop it', async () => {
  const running = begin(['run', 'slow']);
  await until(() => running.output().includes('slow/slow  running'));
  const id = /run (\d+)/.exec(running.output())?.[1] ?? '';

  running.process.kill('SIGINT');
  const { code, stderr } = await running.ended;

  expect(code).toBe(130);
  expect(stderr).toContain(`highwater cancel ${id}`);
  expect((await show(id)).state).toBe('running');
  expect((await highwater('cancel', id)).code).toBe(0);
  await until(async () => (await show(id)).state === 'cancelled');
});

test('logs -f prints lines while the run works and ends with it', async () => {
  const id = await detach('slow');
  const following = begin(['logs', id, '-f']);
  await until(() => following.output().includes('tick 3'));

  expect((await show(id)).state).toBe('running');
  await highwater('cancel', id);

  expect((await following.ended).code).toBe(0);
});

test('logs --level leaves out what is below it', async () => {
  const { stdout } = await highwater('run', 'broken', '--json');
  const id = String((JSON.parse(stdout) as Run).id);

  const logs = await highwater('logs', id, '--level', 'warn', '--block', 'bad', '--json');
  const lines = logs.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as LogLine);

  expect(lines.filter(({ message }) => message === 'about to fail')).toHaveLength(2);
  expect(new Set(lines.map(({ level }) => level)).has('info')).toBe(false);
});

test('the same idempotency key is the same run, and runs lists it once', async () => {
  const ask = () => highwater('run', 'counts', '--idempotency-key', 'cli', '--json');
  const [first, second] = [await ask(), await ask()].map(({ stdout }) => JSON.parse(stdout) as Run);

  expect(second?.id).toBe(first?.id);
  const list = await highwater('runs', '--pipeline', 'counts', '--limit', '1', '--json');
  expect((JSON.parse(list.stdout) as RunSummary[]).map(({ id }) => id)).toEqual([first?.id]);
  expect((await highwater('runs', '--state', 'succeeded')).stdout).toContain('✓ succeeded');
});

test('without a stack every command says how to start one', async () => {
  const { code, stderr } = await begin(['runs'], 'http://127.0.0.1:9').ended;

  expect(code).toBe(1);
  expect(stderr).toContain('highwater dev');
});
