import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createMirror } from '../../activities/mirror.ts';
import { openDb, type Db } from '../../db/database.ts';
import { createLog } from '../../runtime/log.ts';
import { createDatabase } from '../support/servers.ts';

const forever = new AbortController().signal;
const silent = createLog('test', 'silent');
const TOO_LARGE = 2 ** 31;

let db: Db;

beforeAll(async () => {
  db = openDb(await createDatabase(), silent, 2);
  await sql`insert into pipeline_type (name) values ('test')`.execute(db);
  await sql`insert into pipeline (name, pipeline_type_id) values ('sample', 1)`.execute(db);
});
afterAll(() => db.destroy());

async function addRun(): Promise<number> {
  const { rows } = await sql<{ id: number }>`
    insert into pipeline_execution (pipeline_id, state, workflow_id, trigger_kind, start_date)
    values (1, 'running', gen_random_uuid(), 'api', now()) returning id`.execute(db);
  return rows[0]?.id ?? 0;
}

test('a row that the database refuses costs no other row that was to be written with it', async () => {
  const run = await addRun();
  const mirror = createMirror(db, silent);
  const key = { execution_id: run, block: 'load', attempt: 1 };
  const started_at = new Date().toISOString();
  mirror.blockRun({ ...key, state: 'running', started_at, worker: 'w' });
  for (const seq of [1, 2, TOO_LARGE, 3, 4]) {
    mirror.logLine({ ...key, seq, level: 'info', message: 'said', logged_at: started_at });
  }

  await mirror.flush(forever);

  expect(await attemptsOf(run)).toMatchObject([{ state: 'running' }]);
  expect((await linesOf(run)).map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
  await mirror.close(1_000);
});

test('values and fields that Postgres has no text for are kept as it can keep them', async () => {
  const run = await addRun();
  const mirror = createMirror(db, silent);
  const key = { execution_id: run, block: 'load', attempt: 1 };
  const started_at = new Date().toISOString();
  const odd = { 'k\0ey': ['\ud83d'] };
  mirror.blockRun({ ...key, state: 'succeeded', started_at, worker: 'w', value: odd });
  const line = { ...key, seq: 1, level: 'info', logged_at: started_at } as const;
  mirror.logLine({ ...line, message: 'a\0b', fields: odd });

  await mirror.flush(forever);

  const kept = { 'k\u2400ey': ['\ufffd'] };
  expect(await attemptsOf(run)).toMatchObject([{ value: kept }]);
  expect(await linesOf(run)).toMatchObject([{ message: 'a\u2400b', fields: kept }]);
  await mirror.close(1_000);
});

function attemptsOf(run: number) {
  return db.selectFrom('block_run').selectAll().where('execution_id', '=', run).execute();
}

function linesOf(run: number) {
  const lines = db.selectFrom('log_line').selectAll().where('execution_id', '=', run);
  return lines.orderBy('seq').execute();
}
