import { existsSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { mkdtemp, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { BlockRun, Run } from '../../api/contract/run.ts';
import type { RunInput } from '../../workflows/activities.ts';
import { startEngine, type Engine } from '../support/engine.ts';
import { highwater } from '../support/highwater.ts';
import { typescript } from '../support/project.ts';
import { until } from '../support/until.ts';

const PARAMS = 'params: { folder: { type: string, default: nowhere } }\n';
const sensor = (keys: string) => `${PARAMS}blocks:
  ready: { kind: sensor, interval: 100ms, ${keys} }
  after: { kind: custom, file: value.ts, after: [ready] }
`;

let engine: Engine;
let server: Server;
let folder: string;
const answers = { status: 503, headers: [] as (string | undefined)[] };

beforeAll(async () => {
  server = createServer((request, response) => {
    answers.headers.push(request.headers['x-key'] as string | undefined);
    response.writeHead(answers.status).end('a body that nobody reads');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const never = "until: { file: 'nowhere/*.csv' }";
  engine = await startEngine({
    'blocks/value.ts': typescript('return 1;'),
    'blocks/read.ts': typescript('return inputs.ready.value;'),
    'blocks/feed.ts': typescript('return 1;'),
    'blocks/is_there.ts': typescript(
      "log.info('looking', { attempt: run.attempt }); return existsSync(String(params.folder) + '/go');",
    ),
    'blocks/slow.ts': typescript(
      "if (existsSync(String(params.folder) + '/go')) return true; writeFileSync(String(params.folder) + '/begun', ''); await sleep(60_000, undefined, { signal });",
    ),
    'blocks/broken.ts': typescript("throw new Error('who knows');"),
    'pipelines/file.yaml': `${PARAMS}blocks:
  ready: { kind: sensor, interval: 100ms, until: { file: '\${{ params.folder }}/*.csv' } }
  read: { kind: transformer, file: read.ts, inputs: [ready] }
`,
    'pipelines/query.yaml': sensor(
      'until: { query: "select count(*) from glob($folder || \'/*.csv\')" }',
    ),
    'pipelines/in_warehouse.yaml': sensor(
      'until: { connection: warehouse, query: "select to_regclass(\'arrived\') is not null" }',
    ),
    'pipelines/url.yaml': sensor(
      `until: { url: 'http://127.0.0.1:${port}/up', status: [200, 204], headers: { x-key: '\${{ params.folder }}' } }`,
    ),
    'pipelines/nobody.yaml': sensor("timeout: 500ms, until: { url: 'http://127.0.0.1:65533/' }"),
    'pipelines/feeder.yaml': 'blocks:\n  feed: { kind: custom, file: feed.ts }\n',
    'pipelines/fed.yaml': sensor('until: { pipeline: feeder, within: 1h }'),
    'pipelines/fed_by_hour.yaml': sensor('until: { pipeline: feeder }'),
    'pipelines/code.yaml': sensor('file: is_there.ts'),
    'pipelines/slow.yaml': sensor('file: slow.ts'),
    'pipelines/hasty.yaml': sensor('file: slow.ts, check_timeout: 3s'),
    'pipelines/failing.yaml': sensor(
      'file: broken.ts, retry: { attempts: 2, initial_interval: 20ms }',
    ),
    'pipelines/vain.yaml': sensor(`${never}, timeout: 400ms`),
    'pipelines/soft.yaml': `blocks:
  ready: { kind: sensor, interval: 100ms, timeout: 400ms, soft_fail: true, ${never} }
  after: { kind: custom, file: value.ts, after: [ready] }
  below: { kind: custom, file: value.ts, after: [after] }
  beside: { kind: custom, file: value.ts }
`,
    'pipelines/patient.yaml': `blocks:\n  ready: { kind: sensor, interval: 1h, ${never} }\n`,
  });
});
afterAll(async () => {
  await engine.stop();
  server.close();
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sensor-'));
});

const start = (pipeline: string) => engine.start(pipeline, { params: { folder } });

const readyOf = async (id: number): Promise<BlockRun | undefined> =>
  (await engine.show(id)).blocks[0];

/** The sensor after so many checks that said no. */
const untilChecked = (id: number, checks = 2) =>
  until(async () => {
    const block = await readyOf(id);
    return block?.state === 'running' && (block.checks ?? 0) >= checks ? block : undefined;
  });

const statesOf = (run: Run) => run.blocks.map(({ name, state }) => [name, state]);

test('a sensor waits for a file that matches, tells what it sees in one row, and hands its name on', async () => {
  const { id } = await start('file');
  const waiting = await untilChecked(id);
  expect(waiting).toMatchObject({
    attempts: 1,
    reason: { code: 'sensor', message: `no file matches ${folder}/*.csv` },
  });
  const shown = await highwater(['show', String(id)], engine.around.project, {
    HIGHWATER_API: engine.url,
  });
  expect(shown.out).toMatch(/ready .*\d+ checks: no file matches/);
  const listed = (await engine.list('state=running')).find((run) => run.id === id);
  const said = { code: 'sensor', message: `ready: no file matches ${folder}/*.csv` };
  expect([listed?.reason, (await engine.show(id)).reason]).toEqual([said, said]);

  await writeFile(join(folder, 'orders.csv'), 'a\n1\n');
  const run = await engine.ended(id);

  expect(statesOf(run)).toEqual([
    ['ready', 'succeeded'],
    ['read', 'succeeded'],
  ]);
  expect(run.blocks[0]?.history).toHaveLength(1);
  expect(await engine.valueOf(id, 'read')).toEqual([join(folder, 'orders.csv')]);
});

test('a query is true when its first value is, in DuckDB and in a database', async () => {
  const [files, table] = [await start('query'), await start('in_warehouse')];
  expect((await untilChecked(files.id)).reason?.message).toBe('it answered 0');
  expect((await untilChecked(table.id)).reason?.message).toBe('it answered false');

  await writeFile(join(folder, 'orders.csv'), 'a\n1\n');
  const warehouse = new pg.Client({ connectionString: engine.around.warehouseUrl });
  await warehouse.connect();
  await warehouse.query('create table arrived ()');
  await warehouse.end();

  expect((await engine.ended(files.id)).state).toBe('succeeded');
  expect((await engine.ended(table.id)).state).toBe('succeeded');
});

test('an address is asked with its headers until it answers as it should', async () => {
  const { id } = await start('url');
  expect((await untilChecked(id)).reason?.message).toMatch(/\/up answered 503$/);

  answers.status = 204;

  expect((await engine.ended(id)).state).toBe('succeeded');
  expect(await engine.valueOf(id, 'ready')).toEqual({ status: 204 });
  expect(new Set(answers.headers)).toEqual(new Set([folder]));
});

test('an address that can not be reached is one that does not answer yet', async () => {
  const run = await engine.run('nobody');

  expect(run.state).toBe('failed');
  expect(run.error?.message).toMatch(
    /^ready waited 500ms in vain: http:\/\/127.0.0.1:65533\/ does not answer: /,
  );
});

test('another pipeline is waited for: a success that is new enough, or one for the same interval', async () => {
  const interval = { start: '2026-01-01T00:00:00Z', end: '2026-01-01T01:00:00Z' };
  const input: RunInput = { started: { trigger: 'backfill', interval } };
  const { taskQueue } = engine.around;
  const asked = { taskQueue, args: [input] };
  const newest = await start('fed');
  await engine.temporal.workflow.start('fed_by_hour', { ...asked, workflowId: `hour-${folder}` });
  const hourly = await until(async () => (await engine.list('pipeline=fed_by_hour'))[0]);
  expect((await untilChecked(newest.id)).reason?.message).toBe('feeder has never succeeded');

  await engine.run('feeder');

  expect((await engine.ended(newest.id)).state).toBe('succeeded');
  const untimely = 'feeder has not succeeded for the time from 2026-01-01T00:00';
  await until(async () => (await readyOf(hourly.id))?.reason?.message.includes(untimely));
  await engine.temporal.workflow.execute('feeder', { ...asked, workflowId: `feeder-${folder}` });
  expect((await engine.ended(hourly.id)).state).toBe('succeeded');
});

test('a run that stands for no time can not wait for the same time of another pipeline', async () => {
  const run = await engine.run('fed_by_hour');

  expect(run).toMatchObject({ state: 'failed', error: { code: 'block.invalid' } });
  expect(run.error?.message).toContain('say within');
});

test('own code says whether it is so, check by check, and what it logs is kept', async () => {
  const { id } = await start('code');
  expect((await untilChecked(id)).reason?.message).toBe('it answered false');

  await writeFile(join(folder, 'go'), '');
  const run = await engine.ended(id);

  expect(run.state).toBe('succeeded');
  const numbers = (await engine.logs(id)).map(({ fields }) => fields?.['attempt']);
  expect(numbers).toEqual(Array.from({ length: run.blocks[0]?.checks ?? 0 }, (_, at) => at + 1));
});

test('a check that takes too long is no answer yet', async () => {
  const { id } = await start('hasty');
  expect((await untilChecked(id, 1)).reason?.message).toBe('there was no answer within 3s');

  await writeFile(join(folder, 'go'), '');

  expect((await engine.ended(id)).state).toBe('succeeded');
});

test('a check whose worker was killed is made again', async () => {
  const { id } = await start('slow');
  await until(() => existsSync(join(folder, 'begun')));

  await engine.killWorker();
  await writeFile(join(folder, 'go'), '');

  const run = await engine.ended(id);
  expect([run.state, run.blocks[0]?.checks]).toEqual(['succeeded', 1]);
});

test('a check that fails is tried again, and then fails its block', async () => {
  const run = await engine.run('failing');

  expect(run).toMatchObject({ state: 'failed', error: { code: 'block.failed', block: 'ready' } });
  expect(statesOf(run)).toEqual([
    ['ready', 'failed'],
    ['after', 'upstream_failed'],
  ]);
});

test('a sensor that waited in vain has timed out, after a last look when its time was over', async () => {
  const run = await engine.run('vain');

  expect(run).toMatchObject({ state: 'failed', error: { code: 'block.timed_out' } });
  expect(run.blocks[0]).toMatchObject({ state: 'timed_out', attempts: 1 });
  expect(run.blocks[0]?.error?.message).toBe(
    'ready waited 400ms in vain: no file matches nowhere/*.csv',
  );
});

test('with soft_fail it is skipped with all that depends on it, and the run succeeds', async () => {
  const run = await engine.run('soft');

  expect([run.state, run.error]).toEqual(['succeeded', null]);
  expect(statesOf(run)).toEqual([
    ['ready', 'skipped'],
    ['beside', 'succeeded'],
    ['after', 'skipped'],
    ['below', 'skipped'],
  ]);
});

test('a sensor that waits is cancelled at once', async () => {
  const { id } = await engine.start('patient');
  await untilChecked(id, 1);

  const asked = Date.now();
  await engine.cancel(id);
  const run = await engine.ended(id);

  expect(Date.now() - asked).toBeLessThan(30_000); // it looks each hour
  expect([run.state, ...statesOf(run)]).toEqual(['cancelled', ['ready', 'cancelled']]);
});

test('what a sensor waits for explains why a pipeline is late', async () => {
  const { id } = await engine.start('patient');
  await untilChecked(id, 1);

  const { out } = await highwater(['why', 'patient', '--json'], engine.around.project, {
    HIGHWATER_API: engine.url,
  });

  const { causes } = JSON.parse(out) as { causes: { kind: string; message: string }[] };
  expect(causes).toContainEqual(
    expect.objectContaining({
      kind: 'waiting',
      run: id,
      block: 'ready',
      message: `Sensor ready of run ${id} waits: no file matches nowhere/*.csv`,
    }),
  );
  await engine.cancel(id);
});
