import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Watermark } from '../../api/contract/watermark.ts';
import { startEngine, type Engine } from '../support/engine.ts';
import { typescript } from '../support/project.ts';
import { until } from '../support/until.ts';

let engine: Engine;

beforeAll(async () => {
  engine = await startEngine({
    'pipelines/marks.yaml': `
params:
  upto: { type: integer }
  after: { type: string, default: '' }
watermark: { block: marks, column: mark }
concurrency: { max_runs: 1, on_limit: skip }
blocks:
  marks: { kind: loader, file: marks.sql }
  end: { kind: custom, file: end.ts, after: [marks] }
`,
    'blocks/marks.sql': 'select $upto as mark\n',
    'blocks/end.ts': typescript(`
  if (params.after === 'fail') throw new Error('as it was asked to');
  if (params.after === 'wait') await sleep(600_000, undefined, { signal });`),
  });
  await engine.run('marks', { params: { upto: 10 } });
});
afterAll(() => engine.stop());

async function watermark(): Promise<string | null> {
  const response = await fetch(`${engine.url}/api/pipelines/marks/watermark`);
  return ((await response.json()) as Watermark).value;
}

test('a success takes the watermark along', async () => {
  expect(await watermark()).toBe('10');
});

test('a run that fails leaves the watermark', async () => {
  const run = await engine.run('marks', { params: { upto: 20, after: 'fail' } });
  expect([run.state, await watermark()]).toEqual(['failed', '10']);
});

test('a run that is cancelled leaves it, and so does one that is skipped meanwhile', async () => {
  const { id } = await engine.start('marks', { params: { upto: 30, after: 'wait' } });
  await until(async () => {
    const { blocks } = await engine.show(id);
    return blocks.find(({ name, state }) => name === 'end' && state === 'running');
  });
  const skipped = await engine.run('marks', { params: { upto: 40 } });
  expect([skipped.state, await watermark()]).toEqual(['skipped', '10']);

  await engine.cancel(id);
  const { state } = await engine.ended(id);
  expect([state, await watermark()]).toEqual(['cancelled', '10']);
});

test('the next run begins where the watermark was left', async () => {
  const run = await engine.run('marks', { params: { upto: 50 } });
  expect(run).toMatchObject({ state: 'succeeded', watermark: '10', next_watermark: '50' });
  expect(run.watermark_kept).toBeUndefined();
});

test('a run that ends before the watermark leaves it, and says so', async () => {
  const run = await engine.run('marks', { params: { upto: 45 } });
  expect(run).toMatchObject({ state: 'succeeded', watermark_kept: '45 lies before 50' });
  expect(await watermark()).toBe('50');
});
