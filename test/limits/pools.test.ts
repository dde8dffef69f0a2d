import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { PoolChanges, PoolList, type Pool } from '../../api/contract/pool.ts';
import { WhyLate } from '../../api/contract/why-late.ts';
import { isClosed } from '../../plan/run-state.ts';
import { startEngine, type Engine } from '../support/engine.ts';
import { startWorker } from '../support/processes.ts';
import { until } from '../support/until.ts';
import { createGates, GATE, GATE_PARAMS, type Gates } from './gate.ts';

const LEASE_ENDS_MS = 30_000;

const using = (pool: string, more = '') =>
  `${GATE_PARAMS}blocks:\n  hold: { kind: custom, file: gate.ts, pool: ${pool}${more} }\n`;

let engine: Engine;
let gates: Gates;

beforeAll(async () => {
  engine = await startEngine({
    'highwater.yaml': 'name: test\npools: { desk: { slots: 2 }, pen: { slots: 1 } }\n',
    'blocks/gate.ts': GATE,
    'pipelines/one.yaml': using('desk'),
    'pipelines/other.yaml': using('desk'),
    'pipelines/both.yaml': using('{ name: desk, slots: 2 }'),
    'pipelines/writing.yaml': using('pen'),
    'pipelines/wobbly.yaml': `params: {}
blocks:
  wobbly: { kind: custom, file: third_time.ts, pool: pen, retry: { attempts: 3, initial_interval: 50ms } }
`,
    'blocks/third_time.ts': `import { block } from 'highwater';
export default block(({ run }) => {
  if (run.attempt < 3) throw new Error('not yet');
  return run.attempt;
});
`,
  });
});
afterAll(() => engine.stop());
beforeEach(async () => {
  gates = await createGates();
});

const start = (pipeline: string, name: string, priority?: number) =>
  engine.start(pipeline, {
    params: { folder: gates.folder, name },
    ...(priority !== undefined && { priority }),
  });

async function pool(name: string): Promise<Pool | undefined> {
  const response = await fetch(`${engine.url}/api/pools`);
  return PoolList.parse(await response.json()).pools.find((its) => its.name === name);
}

const untilWaits = (id: number) =>
  until(async () => (await engine.show(id)).blocks[0]?.reason?.message);

test('blocks of several pipelines share the slots of a pool, and say what they wait for', async () => {
  const a = await start('one', 'a');
  await gates.begun('a');
  const b = await start('other', 'b');
  await gates.begun('b');
  const big = await start('both', 'big');
  expect(await untilWaits(big.id)).toBe(
    `waits for 2 slots of desk (2 of 2 in use by hold of run ${a.id}, hold of run ${b.id}), place 1`,
  );
  const small = await start('one', 'small');
  expect(await untilWaits(small.id)).toContain('place 2');
  const [bigInList] = await engine.list('pipeline=both');
  expect(bigInList).toMatchObject({ state: 'running', reason: { code: 'pool', place: 1 } });
  expect(bigInList?.reason?.message).toMatch(/^hold waits for 2 slots of desk/);
  expect((await engine.show(a.id)).reason).toBeNull();
  expect(await pool('desk')).toMatchObject({
    ...{ slots: 2, used: 2, free: 0 },
    holders: [{ run: a.id }, { run: b.id }],
    waiting: [
      { run: big.id, slots: 2, place: 1 },
      { run: small.id, place: 2 },
    ],
  });

  await gates.letGo('a');
  await engine.ended(a.id);
  expect([gates.hasBegun('big'), gates.hasBegun('small')]).toEqual([false, false]);
  await gates.letGo('b');
  await gates.begun('big');
  expect(gates.hasBegun('small')).toBe(false);
  await gates.letGo('big', 'small');
  await Promise.all([big, small].map(({ id }) => engine.ended(id)));
  expect(await pool('desk')).toMatchObject({ used: 0, holders: [], waiting: [] });
});

test('who made the pools is on record', async () => {
  const response = await fetch(`${engine.url}/api/pools/changes`);
  expect(PoolChanges.parse(await response.json()).changes).toMatchObject([
    { project: 'test', pool: 'pen', action: 'created', actor: 'file', details: { slots: 1 } },
    { project: 'test', pool: 'desk', action: 'created', actor: 'file', details: { slots: 2 } },
  ]);
});

test('the most urgent of those who wait goes first', async () => {
  await start('writing', 'first');
  await gates.begun('first');
  const late = await start('writing', 'late', 5);
  await untilWaits(late.id);
  const soon = await start('writing', 'soon', 1);
  await untilWaits(soon.id);

  const why = await fetch(`${engine.url}/api/pipelines/writing/why-late`);
  expect(WhyLate.parse(await why.json()).causes).toContainEqual(
    expect.objectContaining({
      ...{ kind: 'waiting', run: late.id, block: 'hold' },
      message: expect.stringMatching(/waits for 1 slot of pen \(1 of 1 in use.*place 2$/) as string,
    }),
  );

  await gates.letGo('first');
  await gates.begun('soon');

  expect(gates.hasBegun('late')).toBe(false);
  await gates.letGo('soon', 'late');
  expect((await engine.ended(late.id)).state).toBe('succeeded');
});

test('each attempt holds slots of its own, and every one is on record', async () => {
  const run = await engine.run('wobbly');

  expect(run.state).toBe('succeeded');
  expect(run.blocks[0]?.history.map(({ attempt, state }) => [attempt, state])).toEqual([
    [1, 'failed'],
    [2, 'failed'],
    [3, 'succeeded'],
  ]);
  expect(await pool('pen')).toMatchObject({ used: 0 });
});

test('a block that waits for a pool is cancelled at once', async () => {
  const holder = await start('writing', 'holder');
  await gates.begun('holder');
  const waiting = await start('writing', 'waiting');
  await untilWaits(waiting.id);

  await engine.cancel(waiting.id);

  const run = await engine.ended(waiting.id);
  expect([run.state, run.blocks[0]?.state]).toEqual(['cancelled', 'cancelled']);
  expect(await pool('pen')).toMatchObject({ used: 1, waiting: [] });
  await gates.letGo('holder');
  await engine.ended(holder.id);
});

test('the slots of a worker that is killed are free within 30 s', async () => {
  const held = await start('writing', 'held');
  await gates.begun('held');
  expect(await pool('pen')).toMatchObject({ used: 1 });

  process.kill(engine.pids.worker, 'SIGKILL');

  await until(async () => (await pool('pen'))?.used === 0, LEASE_ENDS_MS);
  const next = await start('writing', 'next');
  const worker = await startWorker(engine.around);
  await gates.letGo('held', 'next');
  for (const { id } of [held, next]) {
    await until(async () => isClosed((await engine.show(id)).state));
    expect((await engine.show(id)).state).toBe('succeeded');
  }
  await worker.stop();
});
