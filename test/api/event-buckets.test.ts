import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BucketWatch, openBucketServer } from '../../api/events/bucket-watch.ts';
import { createReceiveEvents } from '../../api/events/receive-events.ts';
import { KEYS, startBucketServer, type BucketServer } from '../support/bucket-server.ts';
import { until } from '../support/until.ts';
import {
  LAKE,
  lakeAt,
  listEvents,
  paramsOf,
  pipelineWith,
  settled,
  startEventApi,
} from './event-world.ts';
import type { TestApi } from './test-api.ts';

const FILES = {
  'highwater.yaml': LAKE,
  'pipelines/watching.yaml': pipelineWith(`
  objects:
    event: { source: { connection: lake, bucket: incoming, objects: 'orders/**/*.csv', every: 1s } }
    params: { order: '\${{ event.data.key }}' }
`),
};

let server: BucketServer;
let api: TestApi;

beforeAll(async () => {
  server = await startBucketServer('incoming', 'large', 'changing');
  api = await startEventApi({ files: FILES, env: lakeAt(server) }, 1);
}, 600_000);
afterAll(async () => {
  await api.stop();
  await server.stop();
});

const put = (Bucket: string, Key: string, Body = '1') =>
  server.client.send(new PutObjectCommand({ Bucket, Key, Body }));

/** As the API opens it, and opens it again when it was restarted. */
function watch(bucket: string): BucketWatch {
  const client = openBucketServer({
    ...{ type: 's3', endpoint: server.endpoint },
    ...{ access_key_id: KEYS.accessKeyId, secret_access_key: KEYS.secretAccessKey },
  });
  const deps = { db: api.db, receiveEvents: createReceiveEvents(api.db) };
  const place = { bucket, objects: '**', everyMs: 0, pageSize: 50, source: bucket };
  return new BucketWatch(deps, { client, ...place });
}

async function toldOf(source: string): Promise<string[]> {
  const rows = await api.db
    .selectFrom('event')
    .select('body')
    .where('source', '=', source)
    .orderBy('id')
    .execute();
  return rows.map(({ body }) => (body as { subject: string }).subject);
}

test('a new object starts a run, and one that has changed starts another', async () => {
  await put('incoming', 'orders/2026/a.csv');
  for (const key of ['orders/a.txt', 'other/a.csv', 'orders/.hidden.csv', 'orders/2026/']) {
    await put('incoming', key);
  }

  const [first] = await until(async () => nonEmpty(await arrivals()));
  const event = await settled(api, first?.id ?? 0);
  await put('incoming', 'orders/2026/a.csv', '12');
  const events = await until(async () => nonEmpty((await arrivals()).slice(1)) && arrivals());

  expect(event.event).toMatchObject({
    source: 'highwater/buckets/lake/incoming/orders/**/*.csv',
    subject: 'orders/2026/a.csv',
    data: { bucket: 'incoming', key: 'orders/2026/a.csv', size: 1 },
  });
  expect(await paramsOf(api, event.runs[0])).toMatchObject({ order: 'orders/2026/a.csv' });
  expect(events.map(({ subject }) => subject)).toEqual(['orders/2026/a.csv', 'orders/2026/a.csv']);
});

const arrivals = () => listEvents(api, 'highwater.object.arrived');
const nonEmpty = <Item>(list: Item[]) => (list.length > 0 ? list : undefined);

test('of a list of several pages every object is told of once, also by the next process', async () => {
  const keys = Array.from({ length: 120 }, (_, at) => `é/${at} Ä.csv`);
  await Promise.all(keys.map((key) => put('large', key)));

  const first = watch('large');
  await first.look();
  await first.look();
  await watch('large').look();

  expect((await toldOf('large')).toSorted()).toEqual(keys.toSorted());
});

test('an object that went and came again is new; what a look did not see stays as it was', async () => {
  await Promise.all(['a', 'b', 'c'].map((key) => put('changing', key)));
  await watch('changing').look();
  await server.client.send(new DeleteObjectCommand({ Bucket: 'changing', Key: 'b' }));
  await watch('changing').look();
  await put('changing', 'b', 'another');
  const gone = watch('nowhere');
  await expect(gone.look()).rejects.toThrow(/bucket does not exist/);

  await watch('changing').look();

  expect(await toldOf('changing')).toEqual(['a', 'b', 'c', 'b']);
});

test('a look that is under way ends when the watch is closed', async () => {
  const one = watch('large');
  const refused = expect(one.look()).rejects.toThrow();
  await one.close();

  await refused;
});
