import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { closeRun } from '../../db/runs/close-run.ts';
import { openDb, type Db } from '../../db/database.ts';
import type { BlockState } from '../../plan/run-state.ts';
import { createLog } from '../../runtime/log.ts';
import type { ClosedBlock } from '../../workflows/activities.ts';
import { createDatabase } from '../support/servers.ts';

let db: Db;

beforeAll(async () => {
  db = openDb(await createDatabase(), createLog('test', 'silent'), 2);
  await sql`insert into pipeline_type (name) values ('test')`.execute(db);
  await sql`insert into pipeline (name, pipeline_type_id) values ('sample', 1)`.execute(db);
});
afterAll(() => db.destroy());

/** Closes a run whose block `a` has these attempts on record; answers those it has then. */
async function close(known: readonly BlockState[], block: Omit<ClosedBlock, 'name'>) {
  const { rows } = await sql<{ id: number }>`
    insert into pipeline_execution (pipeline_id, state, workflow_id, trigger_kind, start_date)
    values (1, 'running', gen_random_uuid(), 'api', now()) returning id`.execute(db);
  const executionId = rows[0]?.id ?? 0;
  for (const [at, state] of known.entries()) {
    const row = { execution_id: executionId, block: 'a', attempt: at + 1, state };
    await db.insertInto('block_run').values(row).execute();
  }
  const state = block.state === 'succeeded' ? 'succeeded' : 'cancelled';
  const blocks = [{ name: 'a', ...block }];
  await closeRun(db, { executionId, state, error: null, watermark: null, blocks });
  const ended = await db
    .selectFrom('block_run')
    .select(['attempt', 'state', sql<string | null>`error->>'code'`.as('code')])
    .where('execution_id', '=', executionId)
    .orderBy('attempt')
    .execute();
  return ended.map(({ attempt, state, code }) => [attempt, state, code]);
}

test('the last attempt takes the end of its block', async () => {
  expect(await close(['running'], { state: 'succeeded', attempt: 1 })).toEqual([
    [1, 'succeeded', null],
  ]);
});

test('a success that only its worker knew of was lost with it', async () => {
  expect(await close(['succeeded', 'running'], { state: 'succeeded', attempt: 2 })).toEqual([
    [1, 'failed', 'worker.lost'],
    [2, 'succeeded', null],
  ]);
});

test('a block that never began has no attempt', async () => {
  expect(await close([], { state: 'cancelled' })).toEqual([[0, 'cancelled', null]]);
});

test('a success whose row was lost with its worker is made up for, and so are attempts before it', async () => {
  expect(await close(['failed', 'running'], { state: 'succeeded', attempt: 4 })).toEqual([
    [1, 'failed', null],
    [2, 'failed', 'worker.lost'],
    [3, 'failed', 'worker.lost'],
    [4, 'succeeded', null],
  ]);
});

test('a block that ended between two attempts keeps its failed one', async () => {
  expect(await close(['failed'], { state: 'cancelled' })).toEqual([
    [1, 'failed', null],
    [2, 'cancelled', null],
  ]);
});

test('a cancelled attempt says why its block was cancelled', async () => {
  const error = { code: 'block.timed_out', message: 'too late' };
  expect(await close(['cancelled'], { state: 'timed_out', error })).toEqual([
    [1, 'timed_out', 'block.timed_out'],
  ]);
});
