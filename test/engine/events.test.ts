import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Event, EventPage, EventReceipt } from '../../api/contract/event.ts';
import { startEngine, type Engine } from '../support/engine.ts';
import { until } from '../support/until.ts';

const FILES = {
  'highwater.yaml': 'name: chained\n',
  'pipelines/first.yaml': `
params: { order: { type: string } }
triggers:
  paid: { event: { type: shop.paid }, params: { order: '\${{ event.data.order }}' } }
blocks:
  a: { kind: loader, file: a.sql }
`,
  'pipelines/second.yaml': `
params: { after: { type: integer } }
triggers:
  follow:
    event:
      type: highwater.run.finished
      filter: event.data.pipeline == 'first' && event.data.state == 'succeeded'
    params: { after: '\${{ event.data.run }}' }
blocks:
  a: { kind: loader, file: a.sql }
`,
  'blocks/a.sql': 'select 1 as one\n',
};
const EVENTS = 20;

let engine: Engine;

beforeAll(async () => {
  engine = await startEngine(FILES);
  await until(
    async () => (await engine.db.selectFrom('trigger').select('id').execute()).length === 2,
  );
});
afterAll(() => engine.stop());

async function send(order: string): Promise<EventReceipt> {
  const response = await fetch(`${engine.url}/api/events`, {
    method: 'POST',
    headers: { 'content-type': 'application/cloudevents+json' },
    body: JSON.stringify({
      ...{ specversion: '1.0', id: order, source: 'till', type: 'shop.paid', data: { order } },
    }),
  });
  expect(response.status).toBe(202);
  return (await response.json()) as EventReceipt;
}

async function list(type: string): Promise<EventPage['events']> {
  const response = await fetch(`${engine.url}/api/events?type=${type}&limit=200`);
  return ((await response.json()) as EventPage).events;
}

test('an API that is killed after its answer loses no event and starts no run twice; pipelines follow one another', async () => {
  const orders = Array.from({ length: EVENTS }, (_, at) => `o-${at}`);
  await Promise.all(orders.map(send));
  await engine.killApi();

  const events = await until(async () => {
    const found = await list('shop.paid');
    const all = found.length === EVENTS && found.every(({ runs }) => runs.length === 1);
    return all ? found : undefined;
  }, 60_000);
  const runs = events.flatMap((event) => event.runs);
  for (const run of runs) expect((await engine.ended(run)).state).toBe('succeeded');
  const followed = await until(async () => {
    const rows = await engine.list('pipeline=second&limit=200');
    return rows.length >= EVENTS ? rows : undefined;
  }, 60_000);

  const first = await engine.list('pipeline=first&limit=200');
  expect(first.map(({ params }) => params['order']).sort()).toEqual([...orders].sort());
  expect(followed.map(({ params }) => params['after']).sort()).toEqual([...runs].sort());
  const [finished] = await list('highwater.run.finished');
  const shown = (await (await fetch(`${engine.url}/api/events/${finished?.id}`)).json()) as Event;
  expect(shown.depth).toBeGreaterThanOrEqual(1);
}, 120_000);
