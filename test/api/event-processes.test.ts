import { rm } from 'node:fs/promises';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { openDb, type Db } from '../../db/database.ts';
import { createLog } from '../../runtime/log.ts';
import { createSurroundings, startApi, type Surroundings } from '../support/processes.ts';
import { createProject, writeFiles } from '../support/project.ts';
import { until } from '../support/until.ts';
import { pipelineWith } from './event-world.ts';

vi.setConfig({ testTimeout: 240_000 }); // processes that start, and claims that run out

const FILES = {
  'pipelines/shared.yaml': pipelineWith(`
  files:
    event: { source: { folder: 'incoming/*.csv' } }
    params: { order: '\${{ event.data.path }}' }
  paid:
    event: { type: shop.paid }
    params: { order: '\${{ event.id }}' }
`),
  'blocks/numbers.sql': 'select 1 as i\n',
  'incoming/first.csv': '1',
};
const SENT = 60;

let around: Surroundings;
let db: Db;

beforeAll(async () => {
  around = await createSurroundings(await createProject(FILES));
  db = openDb(around.databaseUrl, createLog('test', 'silent'), 2);
});
afterAll(async () => {
  await db.destroy();
  await Promise.all([around.home, around.project].map((path) => rm(path, { recursive: true })));
});

/** The orders of all runs, each as often as it has runs. */
async function orders(): Promise<string[]> {
  const { rows } = await sql<{ order: string }>`
    select params->>'order' as "order" from pipeline_execution order by 1`.execute(db);
  return rows.map(({ order }) => order);
}

const untilOrdered = (order: string) => until(async () => (await orders()).includes(order), 90_000);

/** False: it was not taken, or the answer was lost. */
async function send(url: string, id: string): Promise<boolean> {
  const event = { specversion: '1.0', source: 'till', type: 'shop.paid', id };
  const response = await fetch(`${url}/api/events`, {
    method: 'POST',
    headers: { 'content-type': 'application/cloudevents+json' },
    body: JSON.stringify(event),
  }).catch(() => undefined);
  return response?.ok ?? false;
}

test('when the process that watches and matches is killed, another goes on: nothing is lost, nothing runs twice', async () => {
  const first = await startApi(around);
  await untilOrdered('incoming/first.csv');
  const second = await startApi(around);
  await writeFiles(around.project, { 'incoming/second.csv': '2' });
  await untilOrdered('incoming/second.csv');

  const ids = Array.from({ length: SENT }, (_, at) => `order-${String(at).padStart(2, '0')}`);
  const sending = ids.map((id, at) => send(at % 2 === 0 ? first.url : second.url, id));
  await Promise.any(sending);
  await first.kill();
  const taken = await Promise.all(sending);
  for (const [at, id] of ids.entries()) if (!taken[at]) await send(second.url, id);
  await writeFiles(around.project, { 'incoming/third.csv': '3' });

  const expected = [...['first', 'second', 'third'].map((name) => `incoming/${name}.csv`), ...ids];
  await until(async () => (await orders()).length >= expected.length, 90_000);
  await second.stop();
  expect(await orders()).toEqual(expected);
});
