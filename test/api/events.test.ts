import { gzipSync } from 'node:zlib';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { EventPage, EventReceipt } from '../../api/contract/event.ts';
import { paramsOf, pipelineWith, send, settled, show, startEventApi } from './event-world.ts';
import type { TestApi } from './test-api.ts';
import { until } from '../support/until.ts';

const FILES = {
  'pipelines/plain.yaml': pipelineWith(`
  paid:
    event: { type: shop.paid, source: till, filter: event.data.amount > 10 }
    params: { order: '\${{ event.data.order }}' }
    priority: 2
  once:
    event: { type: shop.once, dedup: '\${{ event.data.order }}' }
  strict:
    event: { type: shop.strict }
    params: { order: '\${{ event.data.order }}' }
  looping: { event: { type: shop.loop } }
`),
};

let api: TestApi;

beforeAll(async () => {
  api = await startEventApi({ files: FILES }, 4);
});
afterAll(() => api.stop());

test('the same event posted a hundred times at once is stored once and starts one run', async () => {
  const event = { id: 'o-1', type: 'shop.paid', data: { order: 'o-1', amount: 11 } };

  const answers = await Promise.all(Array.from({ length: 100 }, () => send(api, event)));

  expect(new Set(answers.map(({ receipt }) => receipt.id)).size).toBe(1);
  expect(answers.filter(({ status }) => status === 202)).toHaveLength(1);
  expect(answers.filter(({ receipt }) => receipt.duplicate)).toHaveLength(99);
  const { matches, runs } = await settled(api, answers[0]?.receipt.id ?? 0);
  expect(matches).toMatchObject([{ pipeline: 'plain', trigger: 'paid', state: 'started' }]);
  const run = (await api.get(`/api/runs/${runs[0]}`)).body;
  expect(run).toMatchObject({ trigger: 'event', params: { order: 'o-1', orders: [] } });
  const row = await api.db
    .selectFrom('pipeline_execution')
    .select(['trigger_id', 'priority'])
    .where('id', '=', run.id)
    .executeTakeFirstOrThrow();
  expect(row).toMatchObject({ priority: 2 });
  expect(row.trigger_id).not.toBeNull();
});

test('type, source and filter say which events a trigger takes', async () => {
  const events = [
    { id: 'f-1', type: 'shop.paid', data: { order: 'f-1', amount: 10 } },
    { id: 'f-2', type: 'shop.paid.late', data: { order: 'f-2', amount: 11 } },
    { id: 'f-3', type: 'shop.paid', source: 'web', data: { order: 'f-3', amount: 11 } },
  ];
  for (const event of events) {
    const { receipt } = await send(api, event);
    expect((await settled(api, receipt.id)).state).toBe('unmatched');
  }
});

test('events come structured, as a list and as headers, and are kept alike', async () => {
  const list = [1, 2].map((number) => ({
    ...{ specversion: '1.0', id: `m-${number}`, source: 'till', type: 'any' },
    ...{ subject: null, extension: 'x', data: { number } },
  }));
  const batch = await api.post('/api/events', list, {
    'content-type': 'application/cloudevents-batch+json; charset=utf-8',
  });
  const binary = await api.post('/api/events', '{"number":3}', {
    ...{ 'ce-specversion': '1.0', 'ce-id': 'm-3', 'ce-source': 'till', 'ce-type': 'any' },
    'ce-subject': 'caf%C3%A9',
  });
  const bytes = await fetch(`${api.url}/api/events`, {
    method: 'POST',
    headers: {
      ...{ 'ce-specversion': '1.0', 'ce-id': 'm-4', 'ce-source': 'till', 'ce-type': 'any' },
      'content-type': 'image/png',
    },
    body: new Uint8Array([1, 2, 3]),
  });

  const receipts = (batch.body as unknown as { events: EventReceipt[] }).events;
  expect([batch.status, binary.status, bytes.status]).toEqual([202, 202, 202]);
  expect((await show(api, receipts[1]?.id ?? 0)).event).toEqual({
    ...{ specversion: '1.0', id: 'm-2', source: 'till', type: 'any', extension: 'x' },
    data: { number: 2 },
  });
  expect((await show(api, binary.body.id)).event).toEqual({
    ...{ specversion: '1.0', id: 'm-3', source: 'till', type: 'any', subject: 'café' },
    ...{ datacontenttype: 'application/json', data: { number: 3 } },
  });
  const { id } = (await bytes.json()) as EventReceipt;
  expect((await show(api, id)).event).toMatchObject({
    datacontenttype: 'image/png',
    data_base64: 'AQID',
  });
});

test('what is no event is refused, says why, and changes nothing', async () => {
  const good = { specversion: '1.0', id: 'x', source: 'till', type: 'any' };
  const structured = { 'content-type': 'application/cloudevents+json' };
  const before = await countEvents();

  const answers = await Promise.all([
    api.post('/api/events', { ...good, specversion: '0.3' }, structured),
    api.post('/api/events', { ...good, id: '' }, structured),
    api.post('/api/events', { ...good, source: 'highwater/pipelines/sales' }, structured),
    api.post('/api/events', { ...good, time: 'yesterday' }, structured),
    api.post('/api/events', { ...good, Upper: 'x' }, structured),
    api.post('/api/events', { ...good, data: 1, data_base64: 'AQID' }, structured),
    api.post('/api/events', '{"specversion":', structured),
    api.post('/api/events', [], { 'content-type': 'application/cloudevents-batch+json' }),
    api.post('/api/events', {}, { 'ce-specversion': '1.0', 'ce-id': '%' }),
    api.post('/api/events', good),
  ]);

  expect(answers.map(({ status }) => status)).toEqual([
    400, 400, 400, 400, 400, 400, 400, 400, 400, 415,
  ]);
  expect(answers.map(({ body }) => body.detail)).toEqual([
    'body.specversion: must be "1.0"',
    expect.stringContaining('body.id'),
    "body.source: begins with highwater/: those are Highwater's own",
    expect.stringContaining('body.time'),
    expect.stringContaining('body.Upper'),
    expect.stringContaining('not both'),
    expect.stringContaining('not JSON'),
    expect.stringContaining('body'),
    expect.stringContaining('ce-id'),
    expect.stringContaining('application/cloudevents+json'),
  ]);
  expect(await countEvents()).toBe(before);
});

test('a packed event is taken; one that is too large, or sent by a page of another site, is not', async () => {
  const event = { specversion: '1.0', source: 'till', type: 'any' };
  const post = (body: Uint8Array | string, headers: Record<string, string>) =>
    fetch(`${api.url}/api/events`, {
      method: 'POST',
      headers: { 'content-type': 'application/cloudevents+json', ...headers },
      body,
    });
  const packed = new Uint8Array(gzipSync(JSON.stringify({ ...event, id: 'z-1' })));
  const before = await countEvents();

  const answers = [
    await post(packed, { 'content-encoding': 'gzip' }),
    await post(JSON.stringify({ ...event, id: 'z-2' }), { origin: 'https://evil.example' }),
    await post(JSON.stringify({ ...event, id: 'z-3', data: 'x'.repeat(1024 * 1024) }), {}),
  ];

  expect(answers.map(({ status }) => status)).toEqual([202, 403, 413]);
  expect(await countEvents()).toBe(before + 1);
});

async function countEvents(): Promise<number> {
  const { rows } = await sql<{ count: number }>`select count(*) from event`.execute(api.db);
  return rows[0]?.count ?? -1;
}

test('of events with the same dedup value only the first starts a run', async () => {
  const data = { order: 'd-1' };
  const first = await send(api, { id: 'd-1', type: 'shop.once', data });
  await settled(api, first.receipt.id);
  const second = await send(api, { id: 'd-2', type: 'shop.once', data });
  const third = await send(api, { id: 'd-3', type: 'shop.once', data: { order: 'd-2' } });

  const states = await Promise.all(
    [first, second, third].map(async ({ receipt }) => {
      const [match] = (await settled(api, receipt.id)).matches;
      return match?.state;
    }),
  );

  expect(states).toEqual(['started', 'duplicate', 'started']);
});

test('what can not be started is a dead letter with its reason, and starts when it is replayed', async () => {
  const { receipt } = await send(api, { id: 's-1', type: 'shop.strict', data: { order: 7 } });
  const dead = await settled(api, receipt.id);
  const listed = (await api.get('/api/events?state=dead&limit=10')).body as unknown as EventPage;
  await api.write({
    'pipelines/plain.yaml': FILES['pipelines/plain.yaml']
      .replace('type: string', 'type: integer')
      .replace("default: ''", 'default: 0'),
  });
  const replay = await until(async () => {
    const path = `/api/events/${receipt.id}/replay`;
    const { status } = await api.post(path, { actor: 'ann', only_dead: true });
    return status === 202 && (await settled(api, receipt.id)).state === 'matched';
  });
  const mended = await settled(api, receipt.id);
  const again = await api.post(`/api/events/${receipt.id}/replay`, {
    actor: 'ann',
    only_dead: true,
  });
  const nobody = await api.post(`/api/events/${receipt.id}/replay`, {
    ...{ actor: 'ann', trigger: 'plain/paid' },
  });

  expect(dead.state).toBe('dead');
  expect(dead.matches).toMatchObject([
    { state: 'dead', run: null, reason: { code: 'params.invalid' } },
  ]);
  expect(dead.matches[0]?.reason?.message).toContain('order must be text, not 7');
  expect(listed.events.map(({ id }) => id)).toContain(receipt.id);
  expect(replay).toBe(true);
  expect(mended.matches.at(-1)).toMatchObject({ state: 'started' });
  expect(await paramsOf(api, mended.runs.at(-1))).toMatchObject({ order: 7 });
  expect(again).toMatchObject({ status: 409, body: { code: 'event.unmatched' } });
  expect(nobody).toMatchObject({ status: 409, body: { code: 'event.unmatched' } });
  const changes = await api.db
    .selectFrom('trigger_change')
    .select(['action', 'actor', 'details'])
    .where('trigger', '=', 'strict')
    .where('actor', '=', 'ann')
    .execute();
  expect(changes[0]).toEqual({
    ...{ action: 'event replayed', actor: 'ann', details: { event: receipt.id } },
  });
  await api.write({ 'pipelines/plain.yaml': FILES['pipelines/plain.yaml'] });
});

test('a filter that an event does not suit makes a dead letter', async () => {
  const { receipt } = await send(api, { id: 'c-1', type: 'shop.paid', data: { order: 'c-1' } });
  const { matches } = await settled(api, receipt.id);

  expect(matches).toMatchObject([{ state: 'dead', reason: { code: 'expression.invalid' } }]);
  expect(matches[0]?.reason?.message).toContain('no such key: amount');
});

test('a chain of runs that start each other is cut', async () => {
  const { receipt } = await send(api, { id: 'l-1', type: 'shop.loop' });
  const event = await settled(api, receipt.id);
  expect(event.matches).toMatchObject([{ state: 'started' }]);
  await sql`
    insert into event (source, event_id, type, body, depth)
    select source, 'l-2', type, body || '{"id":"l-2"}', 21 from event where id = ${receipt.id}`.execute(
    api.db,
  );
  const { rows } = await sql<{ id: number }>`
    select id, pg_notify('highwater_event', '') from event where event_id = 'l-2'`.execute(api.db);

  const { matches } = await settled(api, rows[0]?.id ?? 0);

  expect(matches).toMatchObject([{ state: 'dead', reason: { code: 'loop' } }]);
});

test('a paused trigger starts nothing, and what it left out can be replayed', async () => {
  const pause = (paused: boolean) =>
    api.db.updateTable('trigger').set({ paused }).where('name', '=', 'looping').execute();
  await pause(true);
  const { receipt } = await send(api, { id: 'p-1', type: 'shop.loop' });
  const skipped = await settled(api, receipt.id);
  await pause(false);

  await api.post(`/api/events/${receipt.id}/replay`, { actor: 'ann', trigger: 'plain/looping' });

  expect(skipped.runs).toEqual([]);
  expect(skipped.matches).toMatchObject([{ state: 'skipped', reason: { code: 'paused' } }]);
  expect((await settled(api, receipt.id)).matches.at(-1)).toMatchObject({ state: 'started' });
});

test('an event that is not there is a 404', async () => {
  const answers = [await api.get('/api/events/999999'), await api.get('/api/events/x')];

  expect(answers.map(({ status, body }) => [status, body.code])).toEqual([
    [404, 'event.not_found'],
    [404, 'event.not_found'],
  ]);
});
