import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Run } from '../../api/contract/run.ts';
import { startEngine, type Engine } from '../support/engine.ts';
import { typescript } from '../support/project.ts';
import { until } from '../support/until.ts';

const FILES = {
  'blocks/rows.sql': 'select i from range(1000) t(i)\n',
  'blocks/linger.ts': typescript(`
    await sleep(1_500, undefined, { signal });
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
  'pipelines/dying.yaml': `defaults: { retry: { initial_interval: 50ms } }
blocks:
  dies: { kind: custom, file: die.ts }
  after: { kind: custom, file: die_after.ts, after: [dies] }
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

test('a host that is killed fails its attempt by name, and the worker goes on', async () => {
  const run = await engine.run('dying');

  expect(run.state).toBe('succeeded');
  expect(run.blocks[0]?.history.map(({ state, error }) => [state, error?.code])).toEqual([
    ['failed', 'host.lost'],
    ['succeeded', undefined],
  ]);
});

const stateOf = (run: Run, block: string) => run.blocks.find(({ name }) => name === block)?.state;
