import { afterAll, beforeAll, expect, test } from 'vitest';
import { declarePools, listPoolChanges, listPools } from '../../db/limits/pools.ts';
import { takeSlots } from '../../db/limits/take-slots.ts';
import type { SlotAnswer } from '../../workflows/activities.ts';
import { openDeadlineWorld, type DeadlineWorld } from '../support/deadline-world.ts';

let world: DeadlineWorld;

beforeAll(async () => {
  world = await openDeadlineWorld();
});
afterAll(() => world.close());

type Slots = Readonly<Record<string, number>>;

async function declare(project: string, slots: Slots, actor = 'file'): Promise<void> {
  const pools = Object.entries(slots).map(([name, count]) => [name, { slots: count }] as const);
  await declarePools(world.db, project, Object.fromEntries(pools), actor);
}

/** The pools of these projects, as `project/name: slots`. */
async function pools(...projects: string[]): Promise<string[]> {
  const all = await listPools(world.db);
  return all
    .filter(({ project }) => projects.includes(project))
    .map(({ project, name, slots, used }) => `${project}/${name}: ${used} of ${slots}`);
}

/** What a new run of a project is answered that asks for a slot of a pool. */
async function ask(project: string, pool: string): Promise<SlotAnswer> {
  const pipeline = await world.addPipeline(`${project}_${Math.random()}`);
  await world.set(pipeline, { project });
  const executionId = await world.begin(pipeline, 1);
  return takeSlots(world.db, {
    ...{ executionId, block: 'load', attempt: 1, pool: { name: pool, slots: 1 } },
  });
}

test('two projects that each have a pool of one name share neither its size nor its slots', async () => {
  await declare('shop', { db: 1 });
  await declare('bank', { db: 2 });
  expect(await ask('shop', 'db')).toEqual({ granted: true });
  expect(await ask('bank', 'db')).toEqual({ granted: true });
  expect(await ask('shop', 'db')).toMatchObject({
    granted: false,
    message: expect.stringMatching(
      /^waits for 1 slot of db \(1 of 1 in use by load of run/,
    ) as string,
  });
  expect(await pools('shop', 'bank')).toEqual(['bank/db: 1 of 2', 'shop/db: 1 of 1']);

  await declare('bank', {});
  expect(await ask('shop', 'db')).toMatchObject({ granted: false });
  expect(await ask('bank', 'pen')).toEqual({ granted: false, message: 'there is no pool pen' });
});

test('a run that is over gets no slots, and is told so', async () => {
  await declare('yard', { gate: 1 });
  const pipeline = await world.addPipeline('yard');
  await world.set(pipeline, { project: 'yard' });
  const executionId = await world.begin(pipeline, 1);
  await world.db
    .updateTable('pipeline_execution')
    .set({ state: 'cancelled' })
    .where('id', '=', executionId)
    .execute();
  const request = { executionId, block: 'load', attempt: 1, pool: { name: 'gate', slots: 1 } };
  expect(await takeSlots(world.db, request)).toEqual({
    granted: false,
    message: `run ${executionId} does not run any more`,
  });
});

test('every change of a pool is on record once, with who made it', async () => {
  await declare('mill', { pen: 2, desk: 1 }, 'ada');
  await Promise.all([1, 2, 3].map(() => declare('mill', { pen: 3, desk: 1 }, 'bob')));
  await declare('mill', { desk: 1 });
  await declare('mill', { pen: 3, desk: 1 });

  const changes = (await listPoolChanges(world.db, 50)).filter(({ project }) => project === 'mill');
  expect(
    changes.map(({ pool, action, actor, details }) => [actor, action, pool, details]).reverse(),
  ).toEqual([
    ['ada', 'created', 'desk', { slots: 1 }],
    ['ada', 'created', 'pen', { slots: 2 }],
    ['bob', 'changed', 'pen', { slots: 3, before: 2 }],
    ['file', 'removed', 'pen', {}],
    ['file', 'created', 'pen', { slots: 3 }],
  ]);
});
