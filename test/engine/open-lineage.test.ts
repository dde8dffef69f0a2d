import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Lineage } from '../../api/contract/lineage.ts';
import { OpenLineageRunEvent } from '../../api/contract/open-lineage.ts';
import { startEngineAround, type Engine } from '../support/engine.ts';
import { createSurroundings } from '../support/processes.ts';
import { createProject, writeFiles } from '../support/project.ts';
import { startReceiver, type Receiver } from '../support/receiver.ts';
import { until } from '../support/until.ts';

const FILES = {
  'data/orders.csv': 'id,shop,amount\n1,north,10\n2,south,20\n',
  'pipelines/daily.yaml': `
description: Sums of the day
blocks:
  orders: { kind: loader, from: { file: data/orders.csv } }
  sums: { kind: transformer, file: sums.sql, inputs: [orders] }
  publish: { kind: exporter, to: { connection: warehouse, table: sums, mode: replace }, inputs: [sums] }
  copy: { kind: exporter, to: { file: out/orders.parquet }, inputs: [orders] }
`,
  'blocks/sums.sql': 'select shop, sum(amount) as total from orders group by shop\n',
  'pipelines/endless.yaml': 'blocks:\n  wait: { kind: loader, file: wait.ts }\n',
  'blocks/wait.ts': 'export default () => new Promise((done) => setTimeout(done, 600_000));\n',
  'pipelines/parent.yaml': 'blocks:\n  child: { kind: pipeline, pipeline: failing }\n',
  'pipelines/failing.yaml': `
blocks:
  bad: { kind: loader, file: bad.sql, retry: { attempts: 1 } }
`,
  'blocks/bad.sql': "select error('no such day') as a\n",
};

let engine: Engine;
let receiver: Receiver;
let project: string;

beforeAll(async () => {
  receiver = await startReceiver();
  project = await createProject(FILES);
  const around = await createSurroundings(project);
  engine = await startEngineAround(around, {
    api: {
      HIGHWATER_OPENLINEAGE_URL: receiver.url,
      HIGHWATER_OPENLINEAGE_API_KEY: 'secret',
      HIGHWATER_OPENLINEAGE_NAMESPACE: 'test',
      WAREHOUSE_URL: around.warehouseUrl,
    },
  });
});
afterAll(async () => {
  await engine.stop();
  await receiver.stop();
});

/** Events about a pipeline, in the order of their coming, each of the shape that the spec asks for. */
function eventsAbout(pipeline: string): OpenLineageRunEvent[] {
  return receiver.received
    .map(({ text }) => OpenLineageRunEvent.parse(JSON.parse(text)))
    .filter(({ job }) => job.name === pipeline);
}

function untilTold(pipeline: string, type: string): Promise<OpenLineageRunEvent> {
  return until(() => eventsAbout(pipeline).find(({ eventType }) => eventType === type));
}

test('the edges of a pipeline are known before it ever runs, and go when its file says otherwise', async () => {
  const warehouse = new URL(engine.around.warehouseUrl);
  const table = `postgres://${warehouse.host}${warehouse.pathname}.public.sums`;
  const upstream = (query: string) =>
    until(async () => {
      const address = encodeURIComponent(table);
      const response = await fetch(`${engine.url}/api/lineage/upstream?address=${address}${query}`);
      return response.ok ? ((await response.json()) as Lineage) : undefined;
    });
  await until(async () => (await upstream('')).addresses.length === 2);
  const { addresses, edges } = await upstream('&columns=true');
  expect(addresses.map(({ name }) => name)).toEqual([table, `file:${project}/data/orders.csv`]);
  expect(edges).toMatchObject([
    {
      pipelines: ['daily'],
      columns: [
        { pipeline: 'daily', from: 'shop', to: 'shop' },
        { pipeline: 'daily', from: 'amount', to: 'total' },
      ],
    },
  ]);
  const { addresses: ofColumn } = await upstream('&column=total');
  expect(ofColumn.map(({ columns }) => columns)).toEqual([['total'], ['amount']]);

  await writeFiles(project, { 'blocks/sums.sql': 'select 1 as one\n' });
  await until(async () => (await upstream('')).addresses.length === 1);
  await writeFiles(project, { 'blocks/sums.sql': FILES['blocks/sums.sql'] });
  await until(async () => (await upstream('')).addresses.length === 2);

  await rm(join(project, 'pipelines/daily.yaml'));
  await until(async () => (await upstream('')).addresses.length === 1);
  await writeFiles(project, { 'pipelines/daily.yaml': FILES['pipelines/daily.yaml'] });
  await until(async () => (await upstream('')).addresses.length === 2);
});

test('a run is told of as it starts and as it ends, with what it reads and writes', async () => {
  const { id } = await engine.run('daily');
  const complete = await untilTold('daily', 'COMPLETE');
  expect(eventsAbout('daily').map(({ eventType }) => eventType)).toEqual(['START', 'COMPLETE']);
  expect(receiver.received[0]).toMatchObject({
    path: '/api/v1/lineage',
    headers: { authorization: 'Bearer secret' },
  });
  expect(complete.job.namespace).toBe('test');
  expect(complete.inputs).toEqual([{ namespace: 'file', name: `${project}/data/orders.csv` }]);

  const outputCalled = (end: string) => complete.outputs?.find(({ name }) => name.endsWith(end));
  const [sums, copy] = [outputCalled('.sums'), outputCalled('orders.parquet')];
  const orders = { namespace: 'file', name: `${project}/data/orders.csv` };
  expect(sums?.facets).toMatchObject({
    schema: { fields: [{ name: 'shop', type: 'VARCHAR' }, { name: 'total' }] },
    columnLineage: {
      fields: {
        shop: { inputFields: [{ ...orders, field: 'shop' }] },
        total: { inputFields: [{ ...orders, field: 'amount' }] },
      },
    },
  });
  // What the file's columns are is known only from the run itself.
  expect(copy?.facets?.columnLineage?.fields).toEqual({
    id: { inputFields: [{ ...orders, field: 'id' }] },
    shop: { inputFields: [{ ...orders, field: 'shop' }] },
    amount: { inputFields: [{ ...orders, field: 'amount' }] },
  });
  const left = () => engine.db.selectFrom('open_lineage_event').selectAll().execute();
  await until(async () => (await left()).every(({ execution_id }) => execution_id !== id));
});

test('the run of a sub-pipeline names its parent, and a failed one its error', async () => {
  await engine.run('parent');
  const failed = await untilTold('failing', 'FAIL');
  const parent = await untilTold('parent', 'FAIL');
  expect(failed.run.facets?.parent).toMatchObject({
    run: { runId: parent.run.runId },
    job: { namespace: 'test', name: 'parent' },
  });
  expect(failed.run.facets?.errorMessage?.message).toContain('no such day');
});

test('a run that is cancelled is told of as aborted', async () => {
  const { id } = await engine.start('endless');
  await untilTold('endless', 'START');
  await engine.cancel(id);
  await untilTold('endless', 'ABORT');
  expect(eventsAbout('endless').map(({ eventType }) => eventType)).toEqual(['START', 'ABORT']);
});

test('events wait for a receiver that is away, and come in their order', async () => {
  receiver.received.length = 0;
  receiver.react({ status: 503 });
  await engine.run('daily');
  await until(() => receiver.received.length > 0);
  receiver.react({ status: 201 });
  const before = receiver.received.length;
  await untilTold('daily', 'COMPLETE');
  const types = receiver.received
    .slice(before - 1)
    .map(({ text }) => OpenLineageRunEvent.parse(JSON.parse(text)).eventType);
  expect(types.indexOf('COMPLETE')).toBeGreaterThan(types.indexOf('START'));
  expect(types.filter((type) => type === 'COMPLETE')).toHaveLength(1);
});
