import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startEngine, type Engine } from '../support/engine.ts';
import { highwater, startHighwater } from '../support/highwater.ts';
import { typescript } from '../support/project.ts';
import { until } from '../support/until.ts';

/** Its runs begin, and fail when the folder says so. */
const FILES = {
  'pipelines/refused.yaml': `
params: { folder: { type: string, required: true } }
defaults: { retry: { attempts: 1 } }
blocks: { hold: { kind: custom, file: refused.ts } }
`,
  'blocks/refused.ts': typescript(`
  while (!existsSync(params.folder + '/go')) await sleep(20, undefined, { signal });
  throw new Error('no such day');`),
  'pipelines/quick.yaml': 'blocks: { one: { kind: custom, file: quick.ts } }\n',
  'blocks/quick.ts': typescript('return 1;'),
};

let engine: Engine;

beforeAll(async () => {
  engine = await startEngine(FILES);
});
afterAll(() => engine.stop());

const env = () => ({ HIGHWATER_API: engine.url, NO_COLOR: '1', TZ: 'UTC' });
const backfill = (pipeline: string, ...more: string[]) => {
  const days = ['--from', '2026-01-01', '--to', '2026-01-03', '--every', '1d'];
  return startHighwater(['backfill', pipeline, ...days, ...more, '--wait'], '/', env());
};

test('who waits for the end is told what failed and what to do, though the API is killed meanwhile', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'backfill-wait-'));
  const waiting = backfill('refused', '-p', `folder=${folder}`);
  await until(() => waiting.out().includes('running: 0 of 2 · 1 running'));
  await engine.killApi();
  await writeFile(join(folder, 'go'), '');

  const { code, out, err } = await waiting.ended;

  expect([code, err]).toEqual([1, '']);
  const id = /^Backfill (\d+) of refused/.exec(out)?.[1] ?? '';
  expect(out).toMatch(/^failed: 0 of 2 · 2 failed$/m);
  expect(out).toMatch(/^ +✗ 2026-01-01 +run \d+ +no such day$/m);
  expect(out).toContain(`Run them again: highwater backfills retry ${id}\n`);
  const shown = await highwater(['backfills', 'show', id], '/', env());
  expect(shown.out).toContain(`Run them again: highwater backfills retry ${id}\n`);
});

test('who waits for a backfill that no worker takes is told so', async () => {
  const { worker } = engine.pids;
  process.kill(worker, 'SIGSTOP');
  const waiting = backfill('quick');
  await until(() => waiting.out().includes('no worker has taken it')).finally(() =>
    process.kill(worker, 'SIGCONT'),
  );

  const { code, out } = await waiting.ended;

  expect(code).toBe(0);
  expect(out).toMatch(/^succeeded: 2 of 2$/m);
});

test('Ctrl-C leaves the backfill alone, and says how to stop it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'backfill-wait-'));
  const waiting = backfill('refused', '-p', `folder=${folder}`);
  await until(() => waiting.out().includes('running: 0 of 2 · 1 running'));
  waiting.interrupt();

  const { code, out, err } = await waiting.ended;

  const id = /^Backfill (\d+) of refused/.exec(out)?.[1] ?? '';
  const goesOn = `Backfill ${id} goes on without you. Stop it: highwater backfills cancel ${id}`;
  expect([code, err.trim()]).toEqual([130, goesOn]);
  const shown = await highwater(['backfills', 'show', id], '/', env());
  expect(shown.out).toContain(`backfill ${id} of refused  running`);
});
