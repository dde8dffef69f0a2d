import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Run } from '../../api/contract/run.ts';
import { startEngine, type Engine } from '../support/engine.ts';
import { hostsOf } from '../support/leftovers.ts';
import { mirrorDifferences } from '../support/mirror-differences.ts';
import { SETTINGS, typescript } from '../support/project.ts';
import { until } from '../support/until.ts';

const FILES = {
  'highwater.yaml': `${SETTINGS}pools: { desk: { slots: 1 } }\n`,
  'blocks/rows.sql': 'select i from range(1000) t(i)\n',
  'blocks/linger.ts': typescript(`
    if (run.attempt === 1) await sleep(600_000, undefined, { signal });
    return inputs.rows.rows();`),
  'blocks/die.ts': typescript(
    "if (run.attempt === 1) process.kill(process.pid, 'SIGKILL'); return 1;",
  ),
  'pipelines/delivery.yaml': `defaults: { retry: { attempts: 1 } }
blocks:
  rows: { kind: loader, file: rows.sql }
  linger: { kind: transformer, file: linger.ts, inputs: [rows] }
  publish: { kind: exporter, to: { connection: warehouse, table: delivered, mode: append }, inputs: [linger] }
`,
  'blocks/wait.ts': typescript('await sleep(600_000, undefined, { signal }); return true;'),
  'pipelines/plain.yaml':
    'blocks:\n  wait: { kind: custom, file: wait.ts, retry: { attempts: 1 } }\n',
  'pipelines/pooled.yaml': 'blocks:\n  wait: { kind: custom, file: wait.ts, pool: desk }\n',
  'pipelines/dying.yaml': `defaults: { retry: { initial_interval: 50ms } }
blocks:
  dies: { kind: custom, file: die.ts }
  after: { kind: custom, file: die_after.ts, after: [dies] }
`,
  'blocks/many.sql': 'select i, md5(i::varchar) as mark from range(5000000) t(i)\n',
  'pipelines/file.yaml': `defaults: { retry: { attempts: 1 } }
blocks:
  many: { kind: loader, file: many.sql }
  publish: { kind: exporter, to: { file: out/many.csv }, inputs: [many] }
`,
  'blocks/die_after.ts': typescript('return 2;'),
};

let engine: Engine;
let warehouse: pg.Client;

beforeAll(async () => {
  engine = await startEngine(FILES);
  warehouse = new pg.Client({ connectionString: engine.around.warehouseUrl });
  await warehouse.connect();
});
afterAll(async () => {
  await warehouse.end();
  await engine.stop();
});

test('a run whose worker is killed goes on with another, and its rows arrive once', async () => {
  const { id } = await engine.start('delivery');
  await until(async () => stateOf(await engine.show(id), 'linger') === 'running');

  await engine.killWorker();
  const run = await engine.ended(id);

  expect(run.state).toBe('succeeded');
  const { rows } = await warehouse.query(
    'select count(*)::int as all, count(distinct i)::int as different from delivered',
  );
  expect(rows).toEqual([{ all: 1_000, different: 1_000 }]);
  const linger = run.blocks.find(({ name }) => name === 'linger');
  expect(linger?.history.map(({ attempt, state, error }) => [attempt, state, error?.code])).toEqual(
    [
      [1, 'failed', 'worker.lost'],
      [2, 'succeeded', undefined],
    ],
  );
});

test('attempts whose rows were lost with their worker are on record, also when their runs are cancelled', async () => {
  const runs = await Promise.all(['plain', 'pooled'].map((name) => engine.start(name)));
  for (const { id } of runs) {
    await until(async () => stateOf(await engine.show(id), 'wait') === 'running');
  }

  const killed = engine.killWorker();
  await Promise.all(
    runs.map(({ workflow_id }) => engine.temporal.workflow.getHandle(workflow_id).cancel()),
  );
  await killed;
  await engine.db.deleteFrom('block_run').where('block', '=', 'wait').execute();

  for (const { id } of runs) {
    const { state, pipeline, blocks } = await engine.ended(id);
    const attempts = blocks[0]?.history.map(({ attempt, state }) => [attempt, state]);
    expect([pipeline, state, attempts]).toEqual([pipeline, 'cancelled', [[1, 'cancelled']]]);
    expect(await mirrorDifferences(engine.db, engine.temporal, id)).toEqual([]);
  }
});

test('a host that is killed fails its attempt by name, and the worker goes on', async () => {
  const run = await engine.run('dying');

  expect(run.state).toBe('succeeded');
  expect(run.blocks[0]?.history.map(({ state, error }) => [state, error?.code])).toEqual([
    ['failed', 'host.lost'],
    ['succeeded', undefined],
  ]);
});

test('an exporter whose host is killed leaves neither a file nor a part of one', async () => {
  const { id } = await engine.start('file');
  const out = join(engine.around.project, 'out');
  const written = () => readdir(out).catch(() => []);
  await until(async () => (await written()).length > 0, 60_000);

  for (const pid of await hostsOf(engine.around.home, engine.pids.worker)) {
    process.kill(pid, 'SIGKILL');
  }

  expect(await engine.ended(id)).toMatchObject({ state: 'failed', error: { code: 'host.lost' } });
  expect(await written()).toEqual([]);
});

const stateOf = (run: Run, block: string) => run.blocks.find(({ name }) => name === block)?.state;
