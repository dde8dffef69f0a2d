import { afterAll, beforeAll, expect, test } from 'vitest';
import { isClosed } from '../../plan/run-state.ts';
import { startEngine, type Engine } from '../support/engine.ts';
import { mirrorDifferences } from '../support/mirror-differences.ts';
import { typescript } from '../support/project.ts';
import { hostsOf } from '../support/leftovers.ts';
import { until } from '../support/until.ts';

const WITHIN_MS = 10_000;
/** The sub-pipeline that tells its end, or the end of the run around it. */
const whoeverIsFirst = expect.stringMatching(/^(cancelled|terminated)$/) as string;

let engine: Engine;

beforeAll(async () => {
  engine = await startEngine({
    'blocks/sleep.ts': typescript('await sleep(600_000, undefined, { signal });'),
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

test('blocks of ended runs leave their hosts', async () => {
  const ids = await startSleeping();
  const { home } = engine.around;
  const busy = await hostsOf(home, engine.pids.worker);
  const { workflow_id } = await engine.show(ids[0]);

  await engine.temporal.workflow.getHandle(workflow_id).terminate('enough');

  await untilMirrored(ids);
  await until(async () => {
    const now = await hostsOf(home, engine.pids.worker);
    return busy.filter((pid) => now.includes(pid)).length <= busy.length - 2;
  }, WITHIN_MS);
});
