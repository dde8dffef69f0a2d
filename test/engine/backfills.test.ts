import { existsSync } from 'node:fs';
import { mkdtemp, readFile, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { BackfillRequest } from '../../api/contract/backfill.ts';
import { backfillsOf, type Backfills } from '../support/backfills.ts';
import { startEngine, type Engine } from '../support/engine.ts';
import { listIntervalRuns } from '../support/interval-runs.ts';
import { typescript } from '../support/project.ts';
import { until } from '../support/until.ts';

const FILES = {
  'pipelines/slow.yaml': `
params: { day: { type: string, default: '' } }
blocks:
  one: { kind: custom, file: slow.ts }
  two: { kind: custom, file: slow.ts, after: [one] }
`,
  'blocks/slow.ts': typescript('await sleep(200, undefined, { signal }); return 1;'),
  'pipelines/held.yaml': `
params: { folder: { type: string, required: true } }
blocks: { hold: { kind: custom, file: hold.ts } }
`,
  'blocks/hold.ts': typescript(`
  writeFileSync(params.folder + '/began-' + run.id, String(process.pid));
  while (!existsSync(params.folder + '/go')) await sleep(20, undefined, { signal });
  return 1;`),
  // The second and the fourth of its runs fail, until the folder holds a file "mended".
  'pipelines/wobbly.yaml': `
params: { folder: { type: string, required: true } }
defaults: { retry: { attempts: 1 } }
blocks: { wobble: { kind: custom, file: wobble.ts } }
`,
  'blocks/wobble.ts': typescript(`
  appendFileSync(params.folder + '/log', 'x');
  const nr = readFileSync(params.folder + '/log', 'utf8').length;
  if (!existsSync(params.folder + '/mended') && (nr === 2 || nr === 4)) throw new Error('not yet');
  return nr;`),
  'pipelines/marked.yaml': `
watermark: { block: days, column: day }
blocks: { days: { kind: loader, file: days.sql } }
`,
  'blocks/days.sql':
    "select date '2026-01-05' as day where $watermark is null or $watermark < '2026-01-05'\n",
};

let engine: Engine;
let backfills: Backfills;

beforeAll(async () => {
  engine = await startEngine(FILES);
  backfills = backfillsOf(engine);
});
afterAll(() => engine.stop());

const newFolder = () => mkdtemp(join(tmpdir(), 'backfill-'));

function days(pipeline: string, count: number, more: Partial<BackfillRequest> = {}) {
  const to = new Date(Date.UTC(2026, 0, 1 + count)).toISOString().slice(0, 10);
  return { pipeline, from: '2026-01-01', to, every: '1d', ...more };
}

const began = async (folder: string) =>
  (await readdir(folder)).filter((name) => name.startsWith('began-'));

test('every interval runs once, though worker and API are killed meanwhile', async () => {
  const day = '${{ run.interval_start.substring(0, 10) }}';
  const asked = days('slow', 12, { max_parallel: 3, params: { day } });
  const { count } = await backfills.plan(asked);
  const { id } = await backfills.start(asked);
  await until(async () => ((await backfills.show(id)).counts.succeeded ?? 0) >= 2);
  await Promise.all([engine.killWorker(), engine.killApi()]);

  const ended = await backfills.ended(id);

  expect(ended).toMatchObject({ state: 'succeeded', intervals: 12, counts: { succeeded: 12 } });
  const runs = await listIntervalRuns(engine.db, id);
  expect(runs.map(({ runs, succeeded }) => [runs, succeeded])).toEqual(Array(count).fill([1, 1]));
  const dates = Array.from({ length: 12 }, (_, at) => `2026-01-${String(at + 1).padStart(2, '0')}`);
  expect(runs.map(({ start }) => start.toISOString().slice(0, 10))).toEqual(dates);
  const listed = await engine.list(`backfill=${id}`);
  expect(listed.map(({ params }) => params['day']).sort()).toEqual(dates);
  expect(listed[0]).toMatchObject({ trigger: 'backfill', pipeline: 'slow' });
});

test('a paused one starts nothing; what is changed meanwhile holds when it goes on', async () => {
  const folder = await newFolder();
  const { id } = await backfills.start(days('held', 6, { max_parallel: 2, params: { folder } }));
  await until(async () => (await began(folder)).length === 2);

  expect(await backfills.steer(id, 'pause')).toMatchObject({ state: 'paused', seen: true });
  await writeFile(join(folder, 'go'), '');
  await until(async () => (await backfills.show(id)).counts.succeeded === 2);
  // The workflow has looked again since both ended, and has started nothing.
  expect(await backfills.set(id, 4)).toMatchObject({ state: 'paused', seen: true });
  expect(await began(folder)).toHaveLength(2);
  expect((await backfills.show(id)).counts).toEqual({ succeeded: 2, pending: 4 });

  await backfills.steer(id, 'resume');
  const ended = await backfills.ended(id);
  expect(ended).toMatchObject({ state: 'succeeded', max_parallel: 4, counts: { succeeded: 6 } });
  expect(ended.changes.map(({ action, actor }) => `${action} by ${actor}`)).toEqual([
    'resumed by tester',
    'changed by api',
    'paused by tester',
    'started by api',
  ]);
});

test('more run at the same time as soon as they may', async () => {
  const folder = await newFolder();
  const { id } = await backfills.start(
    days('held', 5, { max_parallel: 1, order: 'desc', params: { folder } }),
  );
  await until(async () => (await began(folder)).length === 1);
  await backfills.set(id, 3);
  await until(async () => (await began(folder)).length === 3);
  const open = (await backfills.intervals(id)).map(({ state }) => state);
  expect(open).toEqual(['pending', 'pending', 'running', 'running', 'running']);

  await writeFile(join(folder, 'go'), '');
  expect((await backfills.ended(id)).state).toBe('succeeded');
});

test('a cancelled one ends what runs, and starts nothing more', async () => {
  const folder = await newFolder();
  const { id } = await backfills.start(days('held', 5, { max_parallel: 2, params: { folder } }));
  const hosts = await until(async () => {
    const files = await began(folder);
    return files.length === 2 ? files : undefined;
  });
  const pids = await Promise.all(
    hosts.map(async (name) => Number(await readFile(join(folder, name), 'utf8'))),
  );

  await backfills.steer(id, 'cancel');
  const ended = await backfills.ended(id);

  expect(ended).toMatchObject({ state: 'cancelled', counts: { cancelled: 5 } });
  expect(ended.changes.filter(({ action }) => action === 'cancelled')).toHaveLength(1);
  const runs = await engine.list(`backfill=${id}`);
  expect(runs.map(({ state }) => state)).toEqual(['cancelled', 'cancelled']);
  await until(() => pids.every((pid) => !existsSync(`/proc/${pid}`)));
  await expect(backfills.steer(id, 'retry')).rejects.toThrow('with only: missing');
});

test('only what failed runs again, as a new run of the same interval', async () => {
  const folder = await newFolder();
  const asked = days('wobbly', 5, { params: { folder } });
  const { id } = await backfills.start(asked);
  expect(await backfills.ended(id)).toMatchObject({
    ...{ state: 'failed', counts: { succeeded: 3, failed: 2 } },
  });
  const before = await backfills.intervals(id);
  expect(before[1]).toMatchObject({ state: 'failed', attempts: 1 });
  expect(before[1]?.error?.message).toContain('not yet');
  expect((await backfills.plan({ ...asked, only: 'failed' })).count).toBe(2);
  expect((await backfills.plan({ ...asked, only: 'missing' })).count).toBe(2);

  await writeFile(join(folder, 'mended'), '');
  await backfills.steer(id, 'retry');
  expect(await backfills.ended(id)).toMatchObject({ state: 'succeeded', counts: { succeeded: 5 } });

  const after = await backfills.intervals(id);
  expect(after.map(({ attempts }) => attempts)).toEqual([1, 2, 1, 2, 1]);
  expect(after[0]?.run).toBe(before[0]?.run);
  const runs = await listIntervalRuns(engine.db, id);
  expect(runs.map(({ runs, succeeded }) => [runs, succeeded])).toEqual([
    [1, 1],
    [2, 1],
    [1, 1],
    [2, 1],
    [1, 1],
  ]);
  await expect(backfills.steer(id, 'retry')).rejects.toThrow('nothing of it has failed');
  await expect(backfills.start({ ...asked, only: 'missing' })).rejects.toThrow('nothing to run');
});

test('the watermark stays where it is, and moves when that is asked for', async () => {
  const watermark = async () => {
    const response = await fetch(`${engine.url}/api/pipelines/marked/watermark`);
    return ((await response.json()) as { value: string | null }).value;
  };
  const { id } = await backfills.start(days('marked', 2));
  expect((await backfills.ended(id)).state).toBe('succeeded');
  expect(await watermark()).toBeNull();
  const [run] = await engine.list(`backfill=${id}`);
  expect(run).toMatchObject({ state: 'succeeded', watermark: null, next_watermark: null });

  const moving = await backfills.start(days('marked', 2, { move_watermark: true }));
  expect((await backfills.ended(moving.id)).state).toBe('succeeded');
  expect(await watermark()).toBe('2026-01-05');
});

test('one whose workflow is terminated says so, and what it left runs when it is retried', async () => {
  const folder = await newFolder();
  const { id, workflow_id } = await backfills.start(
    days('held', 3, { max_parallel: 2, params: { folder } }),
  );
  await until(async () => (await began(folder)).length === 2);
  await engine.temporal.workflow.getHandle(workflow_id).terminate('a test');

  expect(await backfills.ended(id)).toMatchObject({
    state: 'terminated',
    changes: [{ action: 'terminated', actor: 'temporal' }, { action: 'started' }],
  });
  await until(async () =>
    (await engine.list(`backfill=${id}`)).every(({ state }) => state === 'cancelled'),
  );

  await writeFile(join(folder, 'go'), '');
  await backfills.steer(id, 'retry');
  expect(await backfills.ended(id)).toMatchObject({ state: 'succeeded', counts: { succeeded: 3 } });
});

test('one whose workflow is cancelled in Temporal is cancelled, and that is on record once', async () => {
  const folder = await newFolder();
  const { id, workflow_id } = await backfills.start(
    days('held', 3, { max_parallel: 2, params: { folder } }),
  );
  await until(async () => (await began(folder)).length === 2);

  await engine.temporal.workflow.getHandle(workflow_id).cancel();

  expect(await backfills.ended(id)).toMatchObject({
    ...{ state: 'cancelled', counts: { cancelled: 3 } },
    changes: [{ action: 'cancelled', actor: 'temporal' }, { action: 'started' }],
  });
});
