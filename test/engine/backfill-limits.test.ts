import { appendFile, mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { BackfillRequest } from '../../api/contract/backfill.ts';
import { backfillsOf, type Backfills } from '../support/backfills.ts';
import { startEngine, type Engine } from '../support/engine.ts';
import { typescript } from '../support/project.ts';
import { until } from '../support/until.ts';

/** Writes a line when it begins and when it ends, and takes its time between. */
const COUNTED = typescript(`
  const path = params.folder + '/log';
  appendFileSync(path, 'begin\\n');
  await sleep(150, undefined, { signal });
  appendFileSync(path, 'end\\n');
  return 1;`);
/** The same, once there is a file "go". */
const HELD = typescript(`
  while (!existsSync(params.folder + '/go')) await sleep(20, undefined, { signal });
  appendFileSync(params.folder + '/log', 'begin\\n');
  await sleep(20, undefined, { signal });
  appendFileSync(params.folder + '/log', 'end\\n');
  return 1;`);
/** The first one waits until it has to give way, those after it end at once. */
const FIRST_WAITS = typescript(`
  const path = params.folder + '/log';
  appendFileSync(path, 'begin\\n');
  const isFirst = () => readFileSync(path, 'utf8') === 'begin\\n';
  for (let left = 1_000; left > 0 && isFirst(); left -= 1) await sleep(20, undefined, { signal });
  return 1;`);
const counted = (more: string) => `${more}
params: { folder: { type: string } }
blocks: { work: { kind: custom, file: counted.ts } }
`;

let engine: Engine;
let backfills: Backfills;
let folder: string;

beforeAll(async () => {
  engine = await startEngine({
    'highwater.yaml': 'name: test\npools: { narrow: { slots: 1 } }\n',
    'blocks/counted.ts': COUNTED,
    'blocks/one.ts': typescript('return 1;'),
    'blocks/interval.py': `from highwater import block


@block
def interval(*, run):
    return [run["intervalStart"], run["intervalEnd"], run["scheduledAt"]]
`,
    'pipelines/limited.yaml': counted('concurrency: { max_runs: 2 }'),
    'pipelines/skipping.yaml': counted('concurrency: { max_runs: 1, on_limit: skip }'),
    'blocks/first_waits.ts': FIRST_WAITS,
    'pipelines/giving_way.yaml': `
params: { folder: { type: string } }
concurrency: { max_runs: 1, on_limit: cancel_oldest }
blocks: { work: { kind: custom, file: first_waits.ts } }
`,
    'blocks/held.ts': HELD,
    'pipelines/pooled.yaml': `
params: { folder: { type: string } }
blocks: { work: { kind: custom, file: held.ts, pool: narrow } }
`,
    'pipelines/python.yaml': 'blocks: { interval: { kind: custom, file: interval.py } }\n',
    'pipelines/brief.yaml': 'blocks: { one: { kind: custom, file: one.ts } }\n',
  });
  backfills = backfillsOf(engine);
});
afterAll(() => engine.stop());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'backfill-'));
  await appendFile(join(folder, 'log'), '');
});

const days = (pipeline: string, to: string, more: Partial<BackfillRequest> = {}) => ({
  ...{ pipeline, from: '2026-01-01', to, every: '1d', params: { folder }, ...more },
});

/** How many were at work at the same time, at the most. */
async function busiest(): Promise<number> {
  const lines = (await readFile(join(folder, 'log'), 'utf8')).trim().split('\n');
  let [now, most] = [0, 0];
  for (const line of lines) {
    now += line === 'begin' ? 1 : -1;
    most = Math.max(most, now);
  }
  return most;
}

test('the limit of a pipeline holds for a backfill that would run more at the same time', async () => {
  const { id } = await backfills.start(days('limited', '2026-01-09', { max_parallel: 5 }));
  expect(await backfills.ended(id)).toMatchObject({ state: 'succeeded', counts: { succeeded: 8 } });
  expect(await busiest()).toBeLessThanOrEqual(2);
});

test('a pool holds for a backfill, and a run that somebody asks for goes before the rest of it', async () => {
  const { id } = await backfills.start(days('pooled', '2026-01-09', { max_parallel: 4 }));
  await until(async () => ((await backfills.show(id)).counts.running ?? 0) === 4);

  const asked = await engine.start('pooled', { params: { folder } });
  await until(async () => (await engine.show(asked.id)).blocks[0]?.reason?.code === 'pool');
  await appendFile(join(folder, 'go'), '');

  const { state, finished_at: end } = await engine.ended(asked.id);
  expect([state, (await backfills.ended(id)).state]).toEqual(['succeeded', 'succeeded']);
  const runs = await engine.list(`backfill=${id}`);
  const before = runs.filter(({ finished_at }) => (finished_at ?? '') < (end ?? ''));
  expect([runs.length, before.length < 8]).toEqual([8, true]);
  expect(await busiest()).toBe(1);
});

test('what a limit skips is skipped in the backfill too, and fails it', async () => {
  const { id } = await backfills.start(days('skipping', '2026-01-04', { max_parallel: 3 }));
  const { state, counts } = await backfills.ended(id);
  expect([state, (counts.skipped ?? 0) + (counts.succeeded ?? 0)]).toEqual(['failed', 3]);
  expect(await busiest()).toBe(1);
});

test('what gave way to a newer run has failed, and a retry runs it again', async () => {
  const { id } = await backfills.start(days('giving_way', '2026-01-03', { max_parallel: 2 }));
  const first = await backfills.ended(id);
  expect(first).toMatchObject({ state: 'failed', counts: { cancelled: 1, succeeded: 1 } });

  await backfills.steer(id, 'retry');

  expect(await backfills.ended(id)).toMatchObject({ state: 'succeeded', counts: { succeeded: 2 } });
});

test('a Python block sees the interval of its run', async () => {
  const { id } = await backfills.start({
    ...{ pipeline: 'python', from: '2026-01-01', to: '2026-01-02', every: '1d' },
  });
  expect((await backfills.ended(id)).state).toBe('succeeded');
  const [run] = await engine.list(`backfill=${id}`);
  const [start, end] = ['2026-01-01T00:00:00.000Z', '2026-01-02T00:00:00.000Z'];
  expect(await engine.valueOf(run?.id ?? 0, 'interval')).toEqual([start, end, end]);
});

test('a backfill of ten thousand intervals begins, and goes on in a new history after 300 runs', async () => {
  const to = new Date(Date.UTC(2026, 0, 1) + 10_000 * 60_000).toISOString().slice(0, 16);
  const { id, workflow_id, intervals } = await backfills.start({
    ...{ pipeline: 'brief', from: '2026-01-01', to, every: '1m', max_parallel: 16 },
  });
  expect(intervals).toBe(10_000);
  const handle = engine.temporal.workflow.getHandle(workflow_id);
  const { runId } = await handle.describe();

  await until(async () => (await handle.describe()).runId !== runId, 480_000);

  const soon = await backfills.show(id);
  expect(soon.counts.succeeded).toBeGreaterThanOrEqual(300);
  expect(soon.counts).not.toHaveProperty('failed');
  await backfills.steer(id, 'cancel');
  const { state, counts } = await backfills.ended(id);
  expect(state).toBe('cancelled');
  expect((counts.succeeded ?? 0) + (counts.cancelled ?? 0)).toBe(10_000);
}, 600_000);
