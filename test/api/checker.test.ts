import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { Checker } from '../../api/standings/checker.ts';
import { openDb, type Db } from '../../db/database.ts';
import { createLog } from '../../runtime/log.ts';
import {
  addPipeline,
  addRule,
  addRuns,
  flagsOf,
  queueAll,
  raisedAbout,
  type History,
} from '../support/anomaly-world.ts';
import { createDatabase } from '../support/servers.ts';
import { until } from '../support/until.ts';

const log = createLog('test', 'silent');

let databaseUrl: string;
let db: Db;
let pipelineId: number;
let checkers: Checker[];

beforeAll(async () => {
  databaseUrl = await createDatabase();
  db = openDb(databaseUrl, log, 2);
  pipelineId = await addPipeline(db, 'checked');
  await addRule(db, pipelineId);
  await addRuns(
    db,
    Array.from({ length: 20 }, (_, at) => run(100 + (at % 3), 1 + at)),
  );
});
beforeEach(() => {
  checkers = [1, 2].map(() => new Checker({ databaseUrl, log }));
  for (const checker of checkers) checker.start();
});
afterEach(() => Promise.all(checkers.map((checker) => checker.stop())));
afterAll(() => db.destroy());

function run(rows: number, daysAgo = 0): History {
  return { pipelineId, daysAgo, hour: 9, rows };
}

async function end(...rows: number[]): Promise<number[]> {
  const ids = await addRuns(
    db,
    rows.map((count) => run(count)),
  );
  await queueAll(db, pipelineId, ids);
  return ids;
}

async function queued(): Promise<number[]> {
  const rows = await db.selectFrom('check_queue').select('execution_id').execute();
  return rows.map(({ execution_id }) => execution_id);
}

test('two processes check what ends, and tell of it once', async () => {
  const [clean = NaN, odd = NaN] = await end(101, 5_000);
  await until(async () => (await queued()).length === 0);
  expect([await flagsOf(db, clean), await flagsOf(db, odd)]).toEqual([null, { total_rows: true }]);
  expect(await raisedAbout(db, odd)).toEqual([false]);
});

test('a run that can not be checked keeps no other one waiting', async () => {
  await sql`
    create function refuse() returns trigger language plpgsql as $$
    begin
      if new.violation_value = 66666 then raise 'refused'; end if;
      return new;
    end $$`.execute(db);
  await sql`
    create trigger refused before insert on anomaly_detection_result
      for each row execute function refuse()`.execute(db);
  const [bad] = await end(66_666, ...Array.from({ length: 30 }, () => 101));
  await until(async () => (await queued()).length === 1);
  expect(await queued()).toEqual([bad]);
});
