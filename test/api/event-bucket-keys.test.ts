import { PutObjectCommand } from '@aws-sdk/client-s3';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Event, EventPage } from '../../api/contract/event.ts';
import { startBucketServer, type BucketServer } from '../support/bucket-server.ts';
import { createSurroundings, startApi, type TestProcess } from '../support/processes.ts';
import { createProject, writeFiles } from '../support/project.ts';
import { until } from '../support/until.ts';
import { LAKE, lakeAt, pipelineWith } from './event-world.ts';

const FILES = {
  'highwater.yaml': LAKE,
  'blocks/numbers.sql': 'select 1 as i',
  'pipelines/watching.yaml': pipelineWith(`
  objects:
    event: { source: { connection: lake, bucket: incoming, objects: '*.csv', every: 1s } }
  files:
    event: { source: { folder: 'incoming/*.csv' } }
`),
};

let server: BucketServer;
let folder: string;
let api: TestProcess & { readonly url: string };

beforeAll(async () => {
  server = await startBucketServer('incoming');
  await server.client.send(new PutObjectCommand({ Bucket: 'incoming', Key: 'a.csv', Body: '1' }));
  await server.knowKeys(false);
  folder = await createProject(FILES);
  await mkdir(join(folder, 'incoming'));
  api = await startApi(await createSurroundings(folder), lakeAt(server));
}, 600_000);
afterAll(async () => {
  await api.stop();
  await server.stop();
  await rm(folder, { recursive: true });
});

/** The subjects of the events from sources of a kind. */
async function arrived(source: 'buckets' | 'folders'): Promise<(string | null)[]> {
  const response = await fetch(`${api.url}/api/events`);
  const { events } = (await response.json()) as EventPage;
  return events
    .filter((event: Pick<Event, 'source'>) => event.source.startsWith(`highwater/${source}/`))
    .map(({ subject }) => subject);
}

const troubles = () => api.lines.filter((line) => line.includes('source can not be watched'));

test('a bucket that refuses the keys is told once with the reason, and holds up no other source', async () => {
  await until(() => troubles().length > 0);
  for (const name of ['one.csv', 'two.csv']) {
    await writeFiles(folder, { [`incoming/${name}`]: '1' });
    await until(async () => (await arrived('folders')).some((subject) => subject?.endsWith(name)));
  }

  const [trouble = ''] = troubles();
  expect(JSON.parse(trouble)).toMatchObject({
    source: 'highwater/buckets/lake/incoming/*.csv',
    msg: 'source can not be watched: The AWS Access Key Id you provided does not exist in our records.',
  });
  expect(troubles()).toHaveLength(1);
  expect(await arrived('buckets')).toEqual([]);

  await server.knowKeys(true);
  await until(async () => (await arrived('buckets')).includes('a.csv'));
});
