import { afterAll, beforeAll, expect, test } from 'vitest';
import { admitRun } from '../../db/limits/admit-run.ts';
import { openDeadlineWorld, type DeadlineWorld } from '../support/deadline-world.ts';

let world: DeadlineWorld;

beforeAll(async () => {
  world = await openDeadlineWorld();
});
afterAll(() => world.close());

/** A run that is known to Temporal, and has not asked yet whether it may begin. */
async function addQueued(pipeline: number, name: string): Promise<number> {
  const { id } = await world.db
    .insertInto('pipeline_execution')
    .values({
      ...{
        pipeline_id: pipeline,
        state: 'queued',
        trigger_kind: 'backfill',
        limit_key: 'all',
        limit_runs: 1,
      },
      ...{ workflow_id: name, temporal_run_id: `run of ${name}` },
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}

test('a run that began just as another one asked for its end is on record as having given way', async () => {
  const pipeline = await world.addPipeline('newest');
  const [older, newer] = [await addQueued(pipeline, 'older'), await addQueued(pipeline, 'newer')];

  expect(await admitRun(world.db, newer, 'run of newer', 'cancel_oldest')).toMatchObject({
    is: 'waiting',
    givingWay: [{ workflowId: 'older' }],
  });
  expect(await admitRun(world.db, older, 'run of older', 'cancel_oldest')).toEqual({
    is: 'admitted',
  });

  const row = world.db
    .selectFrom('pipeline_execution')
    .select(['state', 'reason'])
    .where('id', '=', older);
  expect(await row.executeTakeFirst()).toMatchObject({
    state: 'running',
    reason: { code: 'superseded', message: `run ${newer} came after it (limit 1)` },
  });
});
