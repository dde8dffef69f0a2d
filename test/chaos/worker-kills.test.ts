import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Run } from '../../api/contract/run.ts';
import { startEngine, type Engine } from '../support/engine.ts';
import { findProcesses, hostsOf } from '../support/leftovers.ts';
import { mirrorDifferences } from '../support/mirror-differences.ts';
import { strayFiles } from '../support/stray-files.ts';
import { until } from '../support/until.ts';
import { FILES } from './files.ts';

const RUNS = 4;
const KILLS = 10;
const BETWEEN_MS = 8_000;

let engine: Engine;
let warehouse: pg.Client;

beforeAll(async () => {
  engine = await startEngine(FILES);
  warehouse = new pg.Client({ connectionString: engine.around.warehouseUrl });
  await warehouse.connect();
  await engine.run('delivery'); // makes the Python environment
});
afterAll(async () => {
  await warehouse.end();
  await engine.stop();
});

test('runs whose worker is killed ten times at random moments all succeed, and deliver each row once', async () => {
  const asked: Run[] = [];
  for (let kill = 0; kill < KILLS; kill += 1) {
    while ((await openRuns(asked)) < RUNS) asked.push(await engine.start('delivery'));
    await wait(Math.random() * BETWEEN_MS);
    await engine.killWorker();
  }
  const ended = await Promise.all(asked.map(({ id }) => engine.ended(id)));
  console.log(`${ended.length} runs, ${KILLS} kills, ${lostIn(ended)} attempts lost`);

  expect(lostIn(ended)).toBeGreaterThan(0);
  expect(ended.map(({ state }) => state)).toEqual(ended.map(() => 'succeeded'));
  for (const table of ['appended', 'merged']) {
    const { rows } = await warehouse.query(
      `select run::int, count(*)::int as all, count(distinct i)::int as different, sum(twice)::int as sum
       from ${table} where run = any($1) group by run order by run`,
      [asked.map(({ id }) => id)],
    );
    const once = { all: 1_000, different: 1_000, sum: 999_000 };
    expect(rows).toEqual(asked.map(({ id }) => ({ run: id, ...once })));
  }
  for (const run of ended) {
    expectWholeRecord(run);
    expect(await mirrorDifferences(engine.db, engine.temporal, run.id)).toEqual([]);
  }
  await expectNothingLeft();
});

async function openRuns(runs: readonly Run[]): Promise<number> {
  const now = await Promise.all(runs.map(({ id }) => engine.show(id)));
  return now.filter(({ finished_at }) => finished_at === null).length;
}

const lostIn = (runs: readonly Run[]) =>
  runs
    .flatMap(({ blocks }) => blocks.flatMap(({ history }) => history))
    .filter(({ error }) => error?.code === 'worker.lost').length;

/** Attempts are counted without a gap, each has an end, and only the last one succeeded. */
function expectWholeRecord(run: Run): void {
  for (const { name, history } of run.blocks) {
    expect([name, history.map(({ attempt }) => attempt)]).toEqual([
      name,
      history.map((_, at) => at + 1),
    ]);
    expect(history.at(-1)?.state).toBe('succeeded');
    for (const { state, error } of history.slice(0, -1)) {
      expect([run.id, name, state, error?.code]).toEqual([run.id, name, 'failed', 'worker.lost']);
    }
  }
}

async function expectNothingLeft(): Promise<void> {
  const { home } = engine.around;
  const { api, worker } = engine.pids;
  const hosts = await hostsOf(home, worker);
  await until(async () => {
    const others = await findProcesses(home, [api, worker, ...hosts]);
    return others.filter((line) => !line.includes('esbuild')).length === 0;
  });
  expect(await strayFiles(engine.db, engine.temporal, home)).toEqual([]);
}
