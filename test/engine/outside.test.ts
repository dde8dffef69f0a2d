import { afterAll, beforeAll, expect, test } from 'vitest';
import { identify } from '../../local/process.ts';
import { isClosed } from '../../plan/run-state.ts';
import { startEngine, type Engine } from '../support/engine.ts';
import { mirrorDifferences } from '../support/mirror-differences.ts';
import { typescript } from '../support/project.ts';
import { until } from '../support/until.ts';

const WITHIN_MS = 10_000;
/** The sub-pipeline that tells its end, or the end of the run around it. */
const whoeverIsFirst = expect.stringMatching(/^(cancelled|terminated)$/) as string;

let engine: Engine;

beforeAll(async () => {
  engine = await startEngine({
    'blocks/sleep.ts': typescript(
      'console.log(process.pid); await sleep(600_000, undefined, { signal });',
    ),
    'blocks/fail.ts': typescript("throw new Error('not yet');"),
    'pipelines/patient.yaml':
      'blocks:\n  slow: { kind: custom, file: fail.ts, retry: { initial_interval: 5m, max_interval: 5m } }\n',
    'pipelines/top.yaml': `blocks:
  child: { kind: pipeline, pipeline: middle }
  nap: { kind: custom, file: sleep.ts }
  never: { kind: custom, file: sleep.ts, after: [nap] }
`,
    'pipelines/middle.yaml': 'blocks:\n  child: { kind: pipeline, pipeline: bottom }\n',
    'pipelines/bottom.yaml': 'blocks:\n  nap: { kind: custom, file: sleep.ts }\n',
  });
});
afterAll(() => engine.stop());

/** A run of three levels whose two blocks sleep. */
async function startSleeping(): Promise<number[]> {
  const top = await engine.start('top');
  const middle = await until(async () => (await engine.show(top.id)).children[0]);
  const bottom = await until(async () => (await engine.show(middle.id)).children[0]);
  const ids = [top.id, middle.id, bottom.id];
  for (const id of [top.id, bottom.id]) {
    await until(async () =>
      (await engine.show(id)).blocks.some(
        ({ name, state }) => name === 'nap' && state === 'running',
      ),
    );
  }
  return ids;
}

/** State of each run, and of its blocks, once all have ended. */
async function untilMirrored(ids: readonly number[]) {
  return until(async () => {
    const runs = await Promise.all(ids.map((id) => engine.show(id)));
    if (!runs.every(({ state }) => isClosed(state))) return undefined;
    return runs.map(({ state, blocks }) => [
      state,
      Object.fromEntries(blocks.map((block) => [block.name, block.state])),
    ]);
  }, WITHIN_MS);
}

test('a run that is cancelled from outside is shown so within 10 s, with its blocks and sub-pipelines', async () => {
  const [id = 0, ...children] = await startSleeping();
  const { workflow_id } = await engine.show(id);

  await engine.temporal.workflow.getHandle(workflow_id).cancel();

  expect(await untilMirrored([id, ...children])).toEqual([
    ['cancelled', { child: 'cancelled', nap: 'cancelled', never: 'cancelled' }],
    ['cancelled', { child: 'cancelled' }],
    ['cancelled', { nap: 'cancelled' }],
  ]);
  expect(await mirrorDifferences(engine.db, engine.temporal, id)).toEqual([]);
});

test('a run that is terminated from outside is shown so within 10 s, and takes its sub-pipelines with it', async () => {
  const [id = 0, ...children] = await startSleeping();
  const { workflow_id } = await engine.show(id);

  await engine.temporal.workflow.getHandle(workflow_id).terminate('enough');

  expect(await untilMirrored([id, ...children])).toEqual([
    ['terminated', { child: whoeverIsFirst, nap: 'terminated', never: 'skipped' }],
    ['cancelled', { child: 'cancelled' }],
    ['cancelled', { nap: 'cancelled' }],
  ]);
});

test('a sub-pipeline that is terminated from outside fails the run that waits for it', async () => {
  const ids = await startSleeping();
  const { workflow_id } = await engine.show(ids[2]);

  await engine.temporal.workflow.getHandle(workflow_id).terminate('enough');

  expect(await untilMirrored(ids)).toEqual([
    ['failed', { child: 'failed', nap: 'cancelled', never: 'cancelled' }],
    ['failed', { child: 'failed' }],
    ['terminated', { nap: 'terminated' }],
  ]);
});

test('a block that is cancelled between two attempts is cancelled, and keeps its failed one', async () => {
  const { id } = await engine.start('patient');
  await until(async () => (await engine.show(id)).blocks[0]?.history[0]?.state === 'failed');

  await engine.cancel(id);

  const { blocks } = await engine.ended(id);
  expect(blocks[0]?.state).toBe('cancelled');
  expect(blocks[0]?.history.map(({ state, error }) => [state, error?.message])).toEqual([
    ['failed', 'not yet'],
    ['cancelled', undefined],
  ]);
  expect(await mirrorDifferences(engine.db, engine.temporal, id)).toEqual([]);
});

test('the hosts of a run that is terminated from outside end with it', async () => {
  const ids = await startSleeping();
  const pids = await until(async () => {
    const lines = await Promise.all(ids.map((id) => engine.logs(id)));
    const said = lines.flat().map(({ message }) => Number(message));
    return said.length === 2 ? said : undefined;
  });
  const { workflow_id } = await engine.show(ids[0]);

  await engine.temporal.workflow.getHandle(workflow_id).terminate('enough');

  await until(async () => (await identities(pids)).every((identity) => identity === undefined));
});

const identities = (pids: readonly number[]) => Promise.all(pids.map(identify));
