import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Run } from '../../api/contract/run.ts';
import { startEngine, type Engine } from '../support/engine.ts';
import { until } from '../support/until.ts';
import { FILES } from './project-files.ts';

let engine: Engine;

beforeAll(async () => {
  engine = await startEngine(FILES);
});
afterAll(() => engine.stop());

test('blocks run in order and hand values on', async () => {
  const run = await engine.run('chain');

  expect(run.state).toBe('succeeded');
  expect(statesOf(run)).toEqual({ a: 'succeeded', b: 'succeeded', c: 'succeeded' });
  expect(await engine.valueOf(run.id, 'c')).toBe(3);
});

test('blocks that wait for nothing run at the same time', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'meet-'));

  const run = await engine.run('parallel', { params: { folder } });

  expect(run.state).toBe('succeeded');
});

test('a failed attempt is tried again, and every attempt is on record', async () => {
  const run = await engine.run('retried');

  const [wobbly] = run.blocks;
  expect(run.state).toBe('succeeded');
  expect(wobbly?.attempts).toBe(3);
  expect(wobbly?.history.map(({ attempt, state }) => [attempt, state])).toEqual([
    [1, 'failed'],
    [2, 'failed'],
    [3, 'succeeded'],
  ]);
  expect(wobbly?.history[0]?.error?.message).toContain('not yet');
});

test('a failed block cancels what runs beside it, and nothing below it starts', async () => {
  const run = await engine.run('failing');

  expect(run.state).toBe('failed');
  expect(run.error).toMatchObject({ block: 'bad', code: 'block.failed' });
  expect(run.error?.message).toContain('this block always fails');
  expect(statesOf(run)).toEqual({
    bad: 'failed',
    below: 'upstream_failed',
    beside: 'cancelled',
  });
});

test('with on_failure: continue other branches end first, and the run fails all the same', async () => {
  const run = await engine.run('tolerant');

  expect(run.state).toBe('failed');
  expect(statesOf(run)).toEqual({
    bad: 'failed',
    below: 'upstream_failed',
    beside: 'succeeded',
    end: 'succeeded',
  });
});

test('an attempt over its timeout is killed and tried again, and ends as timed_out', async () => {
  const run = await engine.run('overdue');

  expect(run.state).toBe('failed');
  expect(run.error?.code).toBe('block.timed_out');
  expect(run.blocks[0]).toMatchObject({ state: 'timed_out', attempts: 2 });
});

test('a deadline bounds all attempts together', async () => {
  const run = await engine.run('late');

  expect(run.state).toBe('failed');
  expect(run.blocks[0]).toMatchObject({ state: 'timed_out', error: { code: 'block.timed_out' } });
});

test('sub-pipelines run three levels deep with params from expressions', async () => {
  const run = await engine.run('level_1', { params: { city: 'Oslo' } });
  const two = await engine.show(run.children[0]?.id);
  const three = await engine.show(two.children[0]?.id);
  const four = await engine.show(three.children[0]?.id);

  expect(run.state).toBe('succeeded');
  expect(two.params).toEqual({ city: 'Oslo', size: 1 });
  expect(three.params).toEqual({ text: 'Oslo 1' });
  expect(await engine.valueOf(four.id, 'show')).toEqual({ text: 'Oslo 1!' });
  expect(await depthsBelow(run.id)).toEqual([0, 1, 2, 3]);
});

test('a failing sub-pipeline fails its block and its parent', async () => {
  const run = await engine.run('failing_child');

  expect(run.state).toBe('failed');
  expect(statesOf(run)).toEqual({ child: 'failed', below: 'upstream_failed' });
  expect(run.error?.message).toContain('this block always fails');
  expect(run.children[0]?.state).toBe('failed');
});

test('cancelling reaches a process that ignores SIGTERM, and the run says so', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'stubborn-'));
  const { id } = await engine.start('stubborn', { params: { folder } });
  const pid = Number(await until(() => readFile(join(folder, 'child'), 'utf8').catch(() => '')));

  await engine.cancel(id);
  const run = await engine.ended(id);

  expect(run.state).toBe('cancelled');
  expect(statesOf(run)).toEqual({ deaf: 'cancelled', after: 'cancelled' });
  expect(await isRunning(pid)).toBe(false);
});

test('cancelling a run cancels the runs of its sub-pipelines', async () => {
  const { id } = await engine.start('sleeping_child');
  const child = await until(async () => (await engine.show(id)).children[0]);
  await until(async () =>
    (await engine.show(child.id)).blocks.find((nap) => nap.state === 'running'),
  );

  await engine.cancel(id);

  expect((await engine.ended(id)).state).toBe('cancelled');
  expect((await engine.ended(child.id)).state).toBe('cancelled');
});

test('plain prints and log calls become log lines of their attempt, in order', async () => {
  const run = await engine.run('talkative');

  const lines = await engine.logs(run.id);
  expect(lines.map(({ level, message }) => [level, message])).toEqual(
    expect.arrayContaining([
      ['info', 'plain print'],
      ['warn', 'a warning'],
      ['warn', 'to stderr'],
    ]),
  );
  expect(lines.find(({ message }) => message === 'a warning')?.fields).toEqual({ rows: 3 });
});

test('a run that Temporal was asked for directly shows up like any other', async () => {
  const { taskQueue } = engine.around;
  const workflowId = `by-hand-${process.pid}`;
  await engine.temporal.workflow.execute('chain', { workflowId, taskQueue });

  const runs = await engine.list('pipeline=chain&limit=1');

  expect(runs[0]).toMatchObject({
    workflow_id: workflowId,
    state: 'succeeded',
    trigger: 'temporal',
  });
});

test.each([
  ['long_watermark', 'output.invalid', '51 characters'],
  ['nul', 'block.failed', 'a \u2400 in what it says'],
])(
  '%s: what the mirror cannot hold ends the run and does not hang it',
  async (name, code, says) => {
    const run = await engine.run(name);

    expect(run).toMatchObject({ state: 'failed', error: { code } });
    expect(run.error?.message).toContain(says);
  },
);

test('a pipeline of 2,000 blocks runs to its end in several histories', async () => {
  const run = await engine.run('long');

  expect(run.state).toBe('succeeded');
  expect(run.blocks.filter(({ state }) => state === 'succeeded')).toHaveLength(2_000);
  expect(await engine.valueOf(run.id, 'b1999')).toBe(100);
  const last = await engine.temporal.workflow.getHandle(run.workflow_id).describe();
  expect(last.raw.workflowExecutionInfo?.firstRunId).not.toBe(last.runId);
}, 300_000);

/** A killed process that its parent has not waited for yet does not count. */
async function isRunning(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  return stat !== undefined && !/\) [ZX] /.test(stat);
}

async function depthsBelow(id: number): Promise<number[]> {
  const rows = await engine.db
    .selectFrom('pipeline_execution_closure')
    .select('depth')
    .where('parent_execution_id', '=', id)
    .orderBy('depth')
    .execute();
  return rows.map(({ depth }) => depth);
}

const statesOf = (run: Run) =>
  Object.fromEntries(run.blocks.map(({ name, state }) => [name, state]));
