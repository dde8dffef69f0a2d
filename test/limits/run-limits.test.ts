import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { RunRequest } from '../../api/contract/run.ts';
import { WhyLate } from '../../api/contract/why-late.ts';
import { startEngine, type Engine } from '../support/engine.ts';
import { highwater } from '../support/highwater.ts';
import { until } from '../support/until.ts';
import { createGates, GATE, GATE_PARAMS, type Gates } from './gate.ts';

/** A limit whose key has no value for some params. */
const UNTELLABLE = `concurrency: { max_runs: 1, key: '\${{ params.name.size() }}' }
params: { name: { type: string, required: false } }
blocks:
  hold: { kind: custom, file: gate.ts }
`;

const limited = (concurrency: string) =>
  `concurrency: ${concurrency}\n${GATE_PARAMS}blocks:\n  hold: { kind: custom, file: gate.ts }\n`;

let engine: Engine;
let gates: Gates;

beforeAll(async () => {
  engine = await startEngine({
    'blocks/gate.ts': GATE,
    'pipelines/single.yaml': limited('{ max_runs: 1 }'),
    'pipelines/urgent.yaml': limited('{ max_runs: 1 }'),
    'pipelines/skipping.yaml': limited('{ max_runs: 1, on_limit: skip }'),
    'pipelines/newest.yaml': limited('{ max_runs: 1, on_limit: cancel_oldest }'),
    'pipelines/by_name.yaml': limited("{ max_runs: 1, key: '${{ params.name }}' }"),
    'pipelines/untellable.yaml': UNTELLABLE,
    'pipelines/around.yaml': `${GATE_PARAMS}blocks:
  inner: { kind: pipeline, pipeline: skipping, params: { folder: '\${{ params.folder }}', name: '\${{ params.name }}' } }
  after: { kind: custom, file: gate.ts, after: [inner] }
`,
  });
});
afterAll(() => engine.stop());
beforeEach(async () => {
  gates = await createGates();
});

const start = (pipeline: string, name: string, more: RunRequest = {}) =>
  engine.start(pipeline, { params: { folder: gates.folder, name }, ...more });

async function causesOf(pipeline: string) {
  const response = await fetch(`${engine.url}/api/pipelines/${pipeline}/why-late`);
  return WhyLate.parse(await response.json()).causes;
}

const untilWaits = (id: number) =>
  until(async () => {
    const run = await engine.show(id);
    return run.reason?.code === 'limit' ? run.reason : undefined;
  });

test('a run that is one too many waits, says for whom and at which place, and begins in its turn', async () => {
  const a = await start('single', 'a');
  await gates.begun('a');
  const b = await start('single', 'b');
  expect(await untilWaits(b.id)).toEqual({
    code: 'limit',
    message: `waits for run ${a.id} of single (limit 1), place 1`,
    place: 1,
  });
  const c = await start('single', 'c');
  expect((await untilWaits(c.id)).message).toContain('place 2');
  const shown = await highwater(['runs', '--pipeline', 'single'], engine.around.project, {
    HIGHWATER_API: engine.url,
  });
  expect(shown.out).toContain(`waits for run ${a.id} of single (limit 1), place 2`);

  await gates.letGo('a');
  await gates.begun('b');

  expect((await untilWaits(c.id)).message).toBe(
    `waits for run ${b.id} of single (limit 1), place 1`,
  );
  await gates.letGo('b', 'c');
  const [first, second, third] = await Promise.all([a, b, c].map(({ id }) => engine.ended(id)));
  expect([first, second, third].map((run) => [run?.state, run?.reason])).toEqual([
    ['succeeded', null],
    ['succeeded', null],
    ['succeeded', null],
  ]);
  expect(Date.parse(second?.started_at ?? '')).toBeGreaterThanOrEqual(
    Date.parse(first?.finished_at ?? ''),
  );
});

test('those who wait go by priority, then by age', async () => {
  await start('urgent', 'first');
  await gates.begun('first');
  const order: [string, number][] = [
    ['late', 5],
    ['usual', 3],
    ['soon', 1],
    ['soon_too', 1],
  ];
  for (const [name, priority] of order) {
    await untilWaits((await start('urgent', name, { priority })).id);
  }
  const names = ['first', 'soon', 'soon_too', 'usual', 'late'];

  for (const [at, name] of names.entries()) {
    await gates.begun(name);
    expect(names.slice(at + 1).some((later) => gates.hasBegun(later))).toBe(false);
    await gates.letGo(name);
  }
});

test('with on_limit: skip it is a skipped run with its reason, here and in Temporal', async () => {
  const a = await start('skipping', 'a');
  await gates.begun('a');

  const b = await engine.ended((await start('skipping', 'b')).id);

  expect(b).toMatchObject({
    state: 'skipped',
    error: null,
    reason: {
      code: 'limit',
      message: `skipped: run ${a.id} of skipping was under way (limit 1)`,
    },
  });
  const result: unknown = await engine.temporal.workflow.getHandle(b.workflow_id).result();
  expect(result).toEqual({ id: b.id, state: 'skipped' });
  await gates.letGo('a');
  expect((await engine.ended(a.id)).state).toBe('succeeded');
});

test('a sub-pipeline that is skipped skips its block and what depends on it, and its parent succeeds', async () => {
  const a = await start('skipping', 'a');
  await gates.begun('a');

  const run = await engine.ended((await start('around', 'b')).id);

  expect(run.state).toBe('succeeded');
  expect(run.blocks.map(({ name, state }) => [name, state])).toEqual([
    ['inner', 'skipped'],
    ['after', 'skipped'],
  ]);
  await gates.letGo('a');
  await engine.ended(a.id);
});

test('with on_limit: cancel_oldest the newest run begins, and the others were cancelled for it', async () => {
  const a = await start('newest', 'a');
  await gates.begun('a');
  const b = await start('newest', 'b');

  const first = await engine.ended(a.id);
  await gates.begun('b');

  expect(first).toMatchObject({ state: 'cancelled', reason: { code: 'superseded' } });
  expect(first.reason?.message).toBe(`run ${b.id} came after it (limit 1)`);
  await gates.letGo('b');
  expect((await engine.ended(b.id)).state).toBe('succeeded');
});

test('with a key the limit holds for each of its values by itself', async () => {
  const a = await start('by_name', 'a');
  await gates.begun('a');
  const again = await start('by_name', 'a');
  const b = await start('by_name', 'b');

  await gates.begun('b');
  expect((await untilWaits(again.id)).message).toContain(`run ${a.id} of by_name`);

  await gates.letGo('a', 'b');
  for (const { id } of [a, again, b]) expect((await engine.ended(id)).state).toBe('succeeded');
});

test('a request whose params leave the key without a value, or with no such priority, is refused', async () => {
  const post = async (pipeline: string, body: object) => {
    const response = await fetch(`${engine.url}/api/pipelines/${pipeline}/runs`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return [response.status, ((await response.json()) as { code: string }).code];
  };

  expect(await post('untellable', {})).toEqual([422, 'expression.invalid']);
  expect(await post('single', { priority: 6 })).toEqual([400, 'request.invalid']);
  expect(await engine.list('pipeline=untellable')).toEqual([]);
});

test('a run that waits is cancelled at once, and holds up nobody', async () => {
  const a = await start('single', 'a');
  await gates.begun('a');
  const b = await start('single', 'b');
  const c = await start('single', 'c');
  await Promise.all([b, c].map(({ id }) => untilWaits(id)));

  const asked = Date.now();
  await engine.cancel(b.id);
  const cancelled = await engine.ended(b.id);

  expect(Date.now() - asked).toBeLessThan(30_000); // it asks for its turn each minute
  expect(cancelled).toMatchObject({
    state: 'cancelled',
    started_at: null,
    error: { code: 'run.cancelled' },
    reason: { code: 'cancelled', message: 'asked to stop by api' },
  });
  await gates.letGo('a', 'c');
  expect((await engine.ended(a.id)).state).toBe('succeeded');
  expect((await engine.ended(c.id)).state).toBe('succeeded');
});

test('why a pipeline is late knows of runs that wait for a limit, and of runs that it skipped', async () => {
  const [a, b] = [await start('single', 'a'), await start('skipping', 'b')];
  await Promise.all([gates.begun('a'), gates.begun('b')]);
  const waiting = await start('single', 'c');
  await untilWaits(waiting.id);
  const skipped = await engine.ended((await start('skipping', 'd')).id);

  expect(await causesOf('single')).toContainEqual(
    expect.objectContaining({
      kind: 'waiting',
      run: waiting.id,
      message: `Run ${waiting.id} waits for run ${a.id} of single (limit 1), place 1`,
    }),
  );
  expect(await causesOf('skipping')).toContainEqual(
    expect.objectContaining({
      kind: 'skipped',
      run: skipped.id,
      message: `Run ${skipped.id} of skipping was not begun: skipped: run ${b.id} of skipping was under way (limit 1)`,
    }),
  );
  await gates.letGo('a', 'b', 'c');
  for (const { id } of [a, b, waiting]) await engine.ended(id);
});

test('a run that is terminated from outside makes room as well', async () => {
  const a = await start('single', 'a');
  await gates.begun('a');
  const b = await start('single', 'b');
  await untilWaits(b.id);

  await engine.temporal.workflow.getHandle(a.workflow_id).terminate('enough');

  await gates.begun('b');
  await gates.letGo('b');
  expect((await engine.ended(b.id)).state).toBe('succeeded');
});
