import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  matched,
  paramsOf,
  pipelineWith,
  send,
  sendTogether,
  settled,
  show,
  startEventApi,
} from './event-world.ts';
import type { TestApi } from './test-api.ts';
import { until } from '../support/until.ts';

const FILES = {
  'pipelines/waiting.yaml': pipelineWith(`
  quiet:
    event: { type: quiet.*, debounce: 1s, max_wait: 10s, key: '\${{ event.subject }}' }
    params: { order: '\${{ event.id }}' }
  restless:
    event: { type: restless, debounce: 1h, max_wait: 3h }
    params: { order: '\${{ event.id }}' }
  full:
    event: { type: batch.full, batch: { max: 5, window: 1h } }
    params: { orders: '\${{ events.map(e, e.id) }}' }
  timed:
    event: { type: batch.timed, batch: { max: 100, window: 1s } }
    params: { orders: '\${{ events.map(e, e.id) }}' }
  long:
    event: { type: batch.long, batch: { max: 100, window: 1h } }
    params: { orders: '\${{ events.map(e, e.id) }}' }
`),
};

let api: TestApi;

beforeAll(async () => {
  api = await startEventApi({ files: FILES }, 5);
});
afterAll(() => api.stop());

test('debounce waits until it was quiet, for each key by itself, and takes the last event', async () => {
  const type = 'quiet.changed';
  const [, other, , last] = await sendTogether(api, [
    { id: 'q-1', type, subject: 'a' },
    { id: 'q-2', type, subject: 'b' },
    { id: 'q-3', type, subject: 'a' },
    { id: 'q-4', type, subject: 'a' },
  ]);

  const [a, b] = await Promise.all([settled(api, last?.id ?? 0), settled(api, other?.id ?? 0)]);

  expect(a.matches).toMatchObject([{ state: 'started', events: 3 }]);
  expect(await paramsOf(api, a.runs[0])).toMatchObject({ order: 'q-4' });
  expect(b.matches).toMatchObject([{ state: 'started', events: 1 }]);
  const run = await api.db
    .selectFrom('pipeline_execution')
    .select('requested_at')
    .where('id', '=', a.runs[0] ?? 0)
    .executeTakeFirstOrThrow();
  expect(run.requested_at.getTime() - Date.parse(a.received_at)).toBeGreaterThanOrEqual(990);
});

test('a batch is one run with all of its events: when it is full, or when its time is over', async () => {
  const full = await Promise.all(
    [1, 2, 3, 4, 5, 6].map((n) => send(api, { id: `b-${n}`, type: 'batch.full' })),
  );
  const [timed] = await sendTogether(
    api,
    [1, 2, 3].map((n) => ({ id: `t-${n}`, type: 'batch.timed' })),
  );

  const ended = await until(async () => {
    const events = await Promise.all(full.map(({ receipt }) => show(api, receipt.id)));
    if (events.some(({ matches }) => matches.length === 0)) return undefined;
    return events.filter(({ runs }) => runs.length > 0).length === 5 ? events : undefined;
  });
  const byTime = await settled(api, timed?.id ?? 0);

  const waiting = ended.flatMap(({ matches }) =>
    matches.filter(({ state }) => state === 'waiting'),
  );
  expect(waiting).toMatchObject([{ events: 1 }]);
  expect(new Set(ended.flatMap(({ runs }) => runs)).size).toBe(1);
  const started = ended.find(({ runs }) => runs.length > 0);
  expect((await paramsOf(api, started?.runs[0]))['orders']).toHaveLength(5);
  expect((await paramsOf(api, byTime.runs[0]))['orders']).toEqual(
    expect.arrayContaining(['t-1', 't-2', 't-3']),
  );
});

const HOUR_MS = 3_600_000;

/** As if what waits for its run had come so much earlier. */
async function letHoursPass(trigger: string, hours: number): Promise<void> {
  await sql`
    update event_group g set due_at = due_at - ${hours} * interval '1 hour',
      latest_at = latest_at - ${hours} * interval '1 hour'
    from trigger t where t.id = g.trigger_id and t.name = ${trigger} and g.state = 'waiting'`.execute(
    api.db,
  );
  await sql`select pg_notify('highwater_event', '')`.execute(api.db);
}

/** How long from now an event's run is due, in hours. */
async function dueIn(id: number): Promise<number> {
  const { matches } = await matched(api, id);
  return (Date.parse(matches[0]?.due_at ?? '') - Date.now()) / HOUR_MS;
}

test('however many events come, debounce waits no longer than max_wait, and then begins anew', async () => {
  const of = (id: string) => send(api, { id, type: 'restless' });
  const first = await of('w-1');
  expect(await dueIn(first.receipt.id)).toBeCloseTo(1, 1);
  await letHoursPass('restless', 0.9);
  const second = await of('w-2');
  expect(await dueIn(second.receipt.id)).toBeCloseTo(1, 1);
  await letHoursPass('restless', 0.9);
  await matched(api, (await of('w-3')).receipt.id);
  await letHoursPass('restless', 0.9);
  const last = await of('w-4');
  expect(await dueIn(last.receipt.id)).toBeCloseTo(0.3, 1);

  await letHoursPass('restless', 0.3);
  const { matches, runs } = await settled(api, last.receipt.id);
  const next = await of('w-5');

  expect(matches).toMatchObject([{ state: 'started', events: 4 }]);
  expect(await paramsOf(api, runs[0])).toMatchObject({ order: 'w-4' });
  expect((await matched(api, next.receipt.id)).matches).toMatchObject([
    { state: 'waiting', events: 1 },
  ]);
});

test('a batch that never fills is one run when its window is over, and the next event begins another', async () => {
  const of = (id: string) => send(api, { id, type: 'batch.long' });
  const [first, second] = [await of('l-1'), await of('l-2')];
  await matched(api, second.receipt.id);

  await letHoursPass('long', 1);
  const { runs } = await settled(api, first.receipt.id);
  const next = await of('l-3');

  expect(await paramsOf(api, runs[0])).toMatchObject({ orders: ['l-1', 'l-2'] });
  expect(await dueIn(next.receipt.id)).toBeCloseTo(1, 1);
});
