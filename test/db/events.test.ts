import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { startPace } from '../../db/maintenance/batches.ts';
import { cleanUp, countOld } from '../../db/maintenance/clean-up.ts';
import { closeRun } from '../../db/runs/close-run.ts';
import { openDb, type Db } from '../../db/database.ts';
import { claimDue, markStarted, untilNextDue } from '../../db/events/due-groups.ts';
import { tellFreshness } from '../../db/events/inside-events.ts';
import { matchWaiting, type Judge } from '../../db/events/match-events.ts';
import { storeEvents } from '../../db/events/store-events.ts';
import type { JsonObject } from '../../runtime/json.ts';
import { createLog } from '../../runtime/log.ts';
import { createDatabase } from '../support/servers.ts';

let url: string;
let db: Db;

const TAKE: Judge = () => ({ state: 'taken', key: '' });
const HASH = 'a'.repeat(64);
const PLAN = {
  blocks: [
    {
      name: 'publish',
      work: { type: 'write_table', connection: 'shop', table: 'sales', mode: 'merge' },
    },
    { name: 'dump', work: { type: 'write_file', file: 'sales.csv' } },
  ],
};

beforeAll(async () => {
  url = await createDatabase();
  db = openDb(url, createLog('test', 'silent'), 4);
  await sql`insert into pipeline_type (name) values ('test')`.execute(db);
  await sql`insert into pipeline (name, pipeline_type_id, project) values ('sample', 1, 'mine'), ('other', 1, 'mine')`.execute(
    db,
  );
  await sql`
    insert into pipeline_version (hash, pipeline_id, plan)
    values (${HASH}, 1, ${JSON.stringify(PLAN)})`.execute(db);
});
afterAll(() => db.destroy());
beforeEach(async () => {
  await sql`truncate event, event_group, event_match, event_dedup, trigger cascade`.execute(db);
});

/** Answers the trigger's id. */
async function addTrigger(event: JsonObject, pipeline = 1): Promise<number> {
  const definition = JSON.stringify({ name: 'a', kind: 'event', event });
  const { rows } = await sql<{ id: number }>`
    insert into trigger (pipeline_id, name, kind, definition, hash)
    values (${pipeline}, gen_random_uuid()::text, 'event', ${definition}, '') returning id`.execute(
    db,
  );
  return rows[0]?.id ?? 0;
}

async function addRun(key: string | null = null, parent: number | null = null): Promise<number> {
  const { rows } = await sql<{ id: number }>`
    with run as (
      insert into pipeline_execution (pipeline_id, parent_id, state, version_hash, workflow_id,
        trigger_kind, idempotency_key, start_date)
      values (1, ${parent}, 'running', ${HASH}, gen_random_uuid(),
        case when ${key}::text is null then 'api' else 'event' end, ${key}, now())
      returning id
    ), closure as (
      insert into pipeline_execution_closure
      select id, id, 0 from run union all
      select c.parent_execution_id, run.id, c.depth + 1 from run, pipeline_execution_closure c
      where c.child_execution_id = ${parent}::bigint
    )
    select id from run`.execute(db);
  return rows[0]?.id ?? 0;
}

function close(executionId: number): Promise<boolean> {
  const delivered = { inserts: 2, updates: 1, soft_deletes: 0 };
  const blocks = [
    { name: 'publish', state: 'succeeded' as const, attempt: 1, delivered },
    { name: 'dump', state: 'succeeded' as const, attempt: 1, delivered },
  ];
  return closeRun(db, { executionId, state: 'succeeded', error: null, watermark: null, blocks });
}

interface StoredRow {
  readonly type: string;
  readonly source: string;
  readonly depth: number;
  readonly body: JsonObject;
}

async function listStored(): Promise<readonly StoredRow[]> {
  const { rows } = await sql<StoredRow>`
    select type, source, depth, body from event order by id`.execute(db);
  return rows;
}

function event(eventId: string, type = 'any') {
  const body = { specversion: '1.0', id: eventId, source: 'test', type };
  return { source: 'test', eventId, type, body };
}

/** As if what waits for its run had come, and been claimed, a minute earlier. */
async function letMinutePass(): Promise<void> {
  await sql`
    update event_group set due_at = due_at - interval '1 minute',
      claimed_until = claimed_until - interval '1 minute'`.execute(db);
}

test('the end of a run and the tables that it wrote are events, when somebody waits for them', async () => {
  await close(await addRun());
  expect(await listStored()).toEqual([]);

  await addTrigger({ type: 'highwater.*' });
  const run = await addRun();
  await close(run);
  await close(run);

  const stored = await listStored();
  expect(stored).toMatchObject([
    { type: 'highwater.table.written', source: 'highwater/pipelines/sample', depth: 0 },
    { type: 'highwater.run.finished', source: 'highwater/pipelines/sample', depth: 0 },
  ]);
  expect(stored[0]?.body).toMatchObject({
    ...{ specversion: '1.0', subject: 'sales' },
    data: {
      connection: 'shop',
      table: 'sales',
      rows: 3,
      run,
      pipeline: 'sample',
      block: 'publish',
    },
  });
  expect(stored[1]?.body).toMatchObject({
    subject: 'sample',
    data: { run, pipeline: 'sample', state: 'succeeded', trigger: 'api', interval_start: null },
  });
  expect((stored[1]?.body['data'] as JsonObject)['finished_at']).toMatch(/^\d{4}-.*Z$/);
});

test('a change of freshness is an event, when somebody waits for it', async () => {
  const change = {
    ...{ pipelineId: 1, state: 'stale', reason: 'old', since: new Date(), before: 'fresh' },
    executionId: null,
  };
  await tellFreshness(db, [change]);
  expect(await listStored()).toEqual([]);

  await addTrigger({ type: 'highwater.freshness.changed' });
  await tellFreshness(db, [change]);

  const [stored] = await listStored();
  expect(stored?.body).toMatchObject({
    type: 'highwater.freshness.changed',
    data: { pipeline: 'sample', state: 'stale', before: 'fresh', run: null },
  });
});

test('who only waits for events from elsewhere costs the end of a run nothing', async () => {
  await addTrigger({ type: 'shop.paid' });
  await addTrigger({ source: 'highwater/folders/*.csv' });
  await close(await addRun());

  expect(await listStored()).toEqual([]);
});

test('an event that a run causes is one deeper than those that started the run, also through a sub-pipeline', async () => {
  const trigger = await addTrigger({ source: 'highwater/pipelines/sample' });
  await sql`
    insert into event (source, event_id, type, body, depth) values ('test', '1', 'any', '{}', 4)`.execute(
    db,
  );
  await matchWaiting(db, TAKE);
  const [group] = await claimDue(db, 'mine', 10, 1_000);
  const run = await addRun(`event:${trigger}:${group?.id}`);
  const child = await addRun(null, run);

  await close(child);
  await close(run);

  const depths = (await listStored()).slice(1).map(({ depth }) => depth);
  expect(depths).toEqual([5, 5, 5, 5]);
});

test('many processes match the same events, each once', async () => {
  await addTrigger({ type: 'any' });
  const others = [1, 2, 3].map(() => openDb(url, createLog('test', 'silent'), 2));
  await storeEvents(
    db,
    Array.from({ length: 500 }, (_, at) => event(`e-${at}`)),
  );

  const claims = await Promise.all(
    others.map(async (other) => {
      while (await matchWaiting(other, TAKE));
      const claimed: number[] = [];
      for (;;) {
        const groups = await claimDue(other, 'mine', 50, 60_000);
        if (groups.length === 0) return claimed;
        claimed.push(...groups.map(({ id }) => id));
      }
    }),
  );
  await Promise.all(others.map((other) => other.destroy()));

  const claimed = claims.flat();
  expect(claimed).toHaveLength(500);
  expect(new Set(claimed).size).toBe(500);
});

test('what somebody claimed and did not start comes again when the claim has run out', async () => {
  await addTrigger({ type: 'any' });
  await storeEvents(db, [event('e-1')]);
  await matchWaiting(db, TAKE);

  const [first] = await claimDue(db, 'mine', 10, 60_000);
  expect(await claimDue(db, 'mine', 10, 60_000)).toEqual([]);
  expect(await claimDue(db, 'theirs', 10, 50)).toEqual([]);
  expect(await untilNextDue(db, 'mine')).toBeGreaterThan(0);
  await letMinutePass();
  const [second] = await claimDue(db, 'mine', 10, 60_000);

  expect(first).toMatchObject({ again: false, pipeline: 'sample', events: [{ id: 'e-1' }] });
  expect(second).toMatchObject({ id: first?.id, again: true });
  await markStarted(db, first?.id ?? 0, await addRun());
  expect(await untilNextDue(db, 'mine')).toBeNull();
});

test('events of a batch join the group that is open, until it is claimed', async () => {
  await addTrigger({ type: 'any', batch: { max: 10, windowMs: 60_000 } });
  await storeEvents(db, [event('e-1'), event('e-2')]);
  await matchWaiting(db, TAKE);
  await storeEvents(db, [event('e-3')]);
  await matchWaiting(db, TAKE);
  expect(await claimDue(db, 'mine', 10, 60_000)).toEqual([]);

  await letMinutePass();
  const [group] = await claimDue(db, 'mine', 10, 60_000);
  await storeEvents(db, [event('e-4')]);
  await matchWaiting(db, TAKE);

  expect(group?.events).toMatchObject([{ id: 'e-1' }, { id: 'e-2' }, { id: 'e-3' }]);
  const { rows } = await sql`select events, open from event_group order by id`.execute(db);
  expect(rows).toEqual([
    { events: 3, open: false },
    { events: 1, open: true },
  ]);
});

test('events are kept as long as the runs of every pipeline that they matched', async () => {
  await addTrigger({ type: 'both' }, 1);
  await addTrigger({ type: 'both' }, 2);
  await addTrigger({ type: 'one' }, 1);
  const typed: Judge = ({ definition }, { type }) =>
    definition.event.type === type ? { state: 'taken', key: '' } : undefined;
  await storeEvents(
    db,
    ['both', 'one', 'none'].map((type) => event(type, type)),
  );
  await matchWaiting(db, typed);
  await sql`update event set received_at = now() - interval '10 days'`.execute(db);
  const ago = (days: number) => new Date(Date.now() - days * 86_400_000);
  const kept = { logs: null, artifacts: null };
  const cutoffs = [
    { pipelineId: 1, runs: ago(5), ...kept },
    { pipelineId: 2, runs: ago(20), ...kept },
  ];
  const types = async () => (await listStored()).map(({ type }) => type);

  await cleanUp(db, cutoffs, startPace());
  expect(await types()).toEqual(['both', 'one', 'none']);
  await sql`update event_group set state = 'skipped', open = false`.execute(db);
  expect((await countOld(db, cutoffs)).events).toBe(1);
  expect((await cleanUp(db, cutoffs, startPace())).events).toBe(1);
  expect(await types()).toEqual(['both', 'none']);

  await cleanUp(
    db,
    [
      { pipelineId: 1, runs: ago(5), ...kept },
      { pipelineId: 2, runs: ago(6), ...kept },
    ],
    startPace(),
  );
  expect(await types()).toEqual([]);
  const { rows } = await sql`select id from event_group`.execute(db);
  expect(rows).toEqual([]);
});
