import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { listEvents, paramsOf, pipelineWith, settled, startEventApi } from './event-world.ts';
import type { TestApi } from './test-api.ts';
import { createDatabase } from '../support/servers.ts';
import { until } from '../support/until.ts';

const FILES = {
  'highwater.yaml': `
name: shop
connections:
  shop: { type: postgres, url: '\${{ env.SHOP_URL }}' }
`,
  'pipelines/watching.yaml': pipelineWith(`
  files:
    event: { source: { folder: 'incoming/*.csv' } }
    params: { order: '\${{ event.data.path }}' }
  told:
    event: { source: { connection: shop, channel: orders } }
    params: { order: '\${{ string(event.data.order) }}' }
`),
};

let api: TestApi;
let shopUrl = '';

beforeAll(async () => {
  shopUrl = await createDatabase();
  api = await startEventApi({ files: FILES, env: { SHOP_URL: shopUrl } }, 2);
});
afterAll(() => api.stop());

test('a new file starts a run once it is whole; it is told of again when it has changed', async () => {
  await api.write({ 'incoming/.keep': '' });
  await api.write({ 'incoming/a.csv': '1', 'incoming/a.txt': '1' });

  const first = await until(async () => (await listEvents(api, 'highwater.file.arrived'))[0]);
  const event = await settled(api, first.id);
  await api.write({ 'incoming/a.csv': '12' });
  const second = await until(async () => {
    const events = await listEvents(api, 'highwater.file.arrived');
    return events.length > 1 ? events : undefined;
  });

  expect(event.event).toMatchObject({
    source: 'highwater/folders/incoming/*.csv',
    data: { path: 'incoming/a.csv', size: 1 },
  });
  expect(await paramsOf(api, event.runs[0])).toMatchObject({ order: 'incoming/a.csv' });
  expect(second).toHaveLength(2);
});

test("what is announced on a channel of somebody's Postgres is an event", async () => {
  const client = new pg.Client({ connectionString: shopUrl });
  await client.connect();
  const event = await until(async () => {
    await client.query(`notify orders, '{"order": 12}'`);
    return (await listEvents(api, 'highwater.postgres.notified'))[0];
  });
  await client.end();

  const { matches, runs } = await settled(api, event.id);

  expect(matches).toMatchObject([{ trigger: 'told', state: 'started' }]);
  expect(await paramsOf(api, runs[0])).toMatchObject({ order: '12' });
});
