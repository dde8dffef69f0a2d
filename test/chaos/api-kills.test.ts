import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startEngine, type Engine } from '../support/engine.ts';
import { mirrorDifferences } from '../support/mirror-differences.ts';
import { until } from '../support/until.ts';
import { FILES } from './files.ts';

const KILLS = 5;
const RUNS = 5;
/** From the moment at which the first run is committed to one at which all of them run. */
const LONGEST_MS = 1_500;

let engine: Engine;

beforeAll(async () => {
  engine = await startEngine(FILES);
});
afterAll(() => engine.stop());

test('an API that is killed while runs are queued and running loses none, and starts each once', async () => {
  const ids: number[] = [];
  for (let kill = 0; kill < KILLS; kill += 1) {
    const before = (await committed()).length;
    const asking = Promise.allSettled(Array.from({ length: RUNS }, () => engine.start('outer')));
    await until(async () => (await committed()).length > before);
    await wait(Math.random() * LONGEST_MS);
    await engine.killApi();
    const answers = await asking;
    ids.push(
      ...answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value.id] : [])),
    );
  }
  const all = await committed();
  console.log(`${all.length} runs committed, ${ids.length} of them answered, ${KILLS} kills`);
  expect(all.map(({ id }) => id)).toEqual(expect.arrayContaining(ids));

  const ended = await Promise.all(all.map(({ id }) => engine.ended(id)));

  expect(ended.map(({ state }) => state)).toEqual(ended.map(() => 'succeeded'));
  for (const { id, workflow_id } of ended) {
    expect(await mirrorDifferences(engine.db, engine.temporal, id)).toEqual([]);
    const { count } = await engine.temporal.workflow.count(`WorkflowId = '${workflow_id}'`);
    expect(count).toBe(1);
  }
});

/** The runs that were asked for, as far as they are in the database. */
function committed(): Promise<{ id: number }[]> {
  const runs = engine.db.selectFrom('pipeline_execution').select('id');
  return runs.where('parent_id', 'is', null).execute();
}
