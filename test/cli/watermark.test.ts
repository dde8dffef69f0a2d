import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type {
  Watermark,
  WatermarkHistory,
  WatermarkSetting,
} from '../../api/contract/watermark.ts';
import { startEngine, type Engine } from '../support/engine.ts';
import { highwaterBin } from '../support/highwater.ts';
import { until } from '../support/until.ts';

// Each command is a process of its own, and takes seconds where the machine is busy.
vi.setConfig({ testTimeout: 240_000 });

const run = promisify(execFile);

const FILES = {
  'pipelines/days.yaml': `
params:
  upto: { type: integer, default: 10 }
  hold: { type: string, default: '' }
watermark: { block: days, column: day }
blocks:
  days: { kind: loader, file: days.sql }
  hold: { kind: custom, file: hold.ts, after: [days] }
  out: { kind: exporter, to: { file: out/days.parquet }, inputs: [days], after: [hold] }
`,
  'blocks/days.sql': `
select (date '2026-01-01' + i::int) as day from range($upto) t(i)
where $watermark is null or day > $watermark::date
`,
  'blocks/hold.ts': `import { block } from 'highwater';
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
export default block(async ({ params }) => {
  while (params.hold && !existsSync(params.hold)) await sleep(20);
  return null;
});
`,
};

const PATH = '/api/pipelines/days/watermark';

let engine: Engine;

beforeAll(async () => {
  engine = await startEngine(FILES);
});
afterAll(() => engine.stop());

async function highwater(...args: readonly string[]): Promise<string> {
  const { stdout } = await run(process.execPath, [highwaterBin(), 'watermark', ...args], {
    env: { ...process.env, HIGHWATER_API: engine.url, NO_COLOR: '1' },
  });
  return stdout.trimEnd();
}

async function show(): Promise<Watermark> {
  return (await (await fetch(`${engine.url}${PATH}`)).json()) as Watermark;
}

async function set(value: string): Promise<WatermarkSetting> {
  const answer = await fetch(`${engine.url}${PATH}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ value }),
  });
  return (await answer.json()) as WatermarkSetting;
}

test('runs go on from the watermark, and from where somebody puts it', async () => {
  const first = await engine.run('days', { params: { upto: 10 } });
  const second = await engine.run('days', { params: { upto: 15 } });
  expect(second).toMatchObject({ watermark: '2026-01-10', next_watermark: '2026-01-15' });
  expect(await highwater('show', 'days')).toBe('2026-01-15  date');

  const dry = ['set', 'days', '2026-01-12', '--dry-run'];
  expect((await highwater(...dry)).split('\n')).toEqual([
    'The watermark of days would go back: 2026-01-15 → 2026-01-12',
    'Loaded again: what 1 run has loaded, 5 rows',
    `  run ${second.id}  2026-01-10 → 2026-01-15  5 rows`,
  ]);
  expect((await show()).value).toBe('2026-01-15');

  const reason = ['--reason', 'late rows', '--json'];
  const set = JSON.parse(
    await highwater('set', 'days', '2026-01-12', ...reason),
  ) as WatermarkSetting;
  expect(set).toMatchObject({ changed: true, from: '2026-01-15', to: '2026-01-12' });
  const third = await engine.run('days', { params: { upto: 15 } });
  expect(third).toMatchObject({ watermark: '2026-01-12', total_rows: 3 });

  const history = JSON.parse(await highwater('history', 'days', '--json')) as WatermarkHistory;
  expect(history.changes).toMatchObject([
    { from: '2026-01-12', to: '2026-01-15', run: third.id, actor: 'highwater' },
    { to: '2026-01-12', run: null, actor: userInfo().username, reason: 'late rows' },
    { from: '2026-01-10', to: '2026-01-15', run: second.id },
    { from: null, to: '2026-01-10', run: first.id },
  ]);
});

test('a run that is open leaves the watermark where it was put meanwhile', async () => {
  await set('2026-01-05');
  const hold = join(engine.around.home, 'go-on');
  const open = await engine.start('days', { params: { upto: 20, hold } });
  await until(async () => (await engine.show(open.id)).state === 'running');
  expect(await highwater('set', 'days', '2026-01-03')).toContain(
    `Open, and will leave it here: run ${open.id}`,
  );
  await writeFile(hold, '');
  expect(await engine.ended(open.id)).toMatchObject({
    state: 'succeeded',
    watermark: '2026-01-05',
  });
  expect((await show()).value).toBe('2026-01-03');
  expect(await highwater('history', 'days', '--limit', '1')).toContain(
    'it was set to 2026-01-03 after this began',
  );
});

test('a run that fails, and a run that is cancelled, leave it', async () => {
  await set('2026-01-03');
  const open = await engine.start('days', { params: { upto: 30, hold: '/nowhere/at/all' } });
  await until(async () => (await engine.show(open.id)).state === 'running');
  await engine.cancel(open.id);
  expect((await engine.ended(open.id)).state).toBe('cancelled');
  expect((await show()).value).toBe('2026-01-03');
});

test('a full load starts over, and takes it along', async () => {
  await set('2026-01-20');
  const full = await engine.run('days', { params: { upto: 8 }, full_load: true });
  expect(full).toMatchObject({ watermark: null, next_watermark: '2026-01-08', total_rows: 8 });
  expect((await show()).value).toBe('2026-01-08');
});

test('a value that the type can not have, or none at all, is the caller’s mistake', async () => {
  await expect(highwater('set', 'days', 'soon')).rejects.toMatchObject({
    ...{ code: 1, stderr: 'The watermark is a date: soon is not\n' },
  });
  await expect(highwater('set', 'days')).rejects.toMatchObject({ code: 1 });
  await expect(highwater('show', 'day')).rejects.toMatchObject({
    ...{ code: 1, stderr: 'There is no pipeline day (did you mean "days"?)\n' },
  });
  expect(await highwater('set', 'days', '--none')).toContain('→ (none)');
});
