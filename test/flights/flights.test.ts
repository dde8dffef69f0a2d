import pg from 'pg';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Run } from '../../api/contract/run.ts';
import { packageRoot } from '../../runtime/paths.ts';
import { startEngineFor, type Engine } from '../support/engine.ts';
import { expectedDelays, type AirportDelays } from './expected-delays.ts';

const FLIGHTS = 3_000_000;
const BEFORE_MARCH = 966_409;

let engine: Engine;
let warehouse: pg.Client;
let everything: AirportDelays[];

beforeAll(async () => {
  engine = await startEngineFor(join(packageRoot, 'examples', 'flights'));
  warehouse = new pg.Client({ connectionString: engine.around.warehouseUrl });
  await warehouse.connect();
});
afterAll(async () => {
  await warehouse.end();
  await engine.stop();
});

test('the first run publishes what an independent computation finds', async () => {
  const run = await engine.run('airport_delays', { params: { until: '2001-03-01' } });

  expect(run).toMatchObject({ state: 'succeeded', watermark: null });
  expect(rowsOf(run, 'flights')).toBe(BEFORE_MARCH);
  expectSame(await published(), await expectedDelays('2001-03-01'));
});

test('the second run loads only what is newer, and the table is as if all had been loaded at once', async () => {
  const run = await engine.run('airport_delays');

  expect(run).toMatchObject({
    state: 'succeeded',
    watermark: '2001-02-28T23:59:00',
    next_watermark: '2001-07-01T00:00:00',
  });
  expect(rowsOf(run, 'flights')).toBe(FLIGHTS - BEFORE_MARCH);
  everything = await expectedDelays();
  expectSame(await published(), everything);
});

test('a run that finds nothing new changes nothing and keeps the watermark', async () => {
  const before = await published();

  const run = await engine.run('airport_delays');

  expect(run).toMatchObject({ state: 'succeeded', next_watermark: '2001-07-01T00:00:00' });
  expect(rowsOf(run, 'flights')).toBe(0);
  expect(await published()).toEqual(before);
});

test('a full load starts over', async () => {
  const run = await engine.run('airport_delays', { full_load: true });

  expect(run).toMatchObject({ state: 'succeeded', watermark: null });
  expect(rowsOf(run, 'flights')).toBe(FLIGHTS);
  expectSame(await published(), everything);
});

test('the weather is published by a sub-pipeline of the run', async () => {
  const [run] = await engine.list('pipeline=airport_delays&limit=1');
  const { children } = await engine.show(run?.id);

  expect(children).toMatchObject([{ pipeline: 'weather_by_city', state: 'succeeded' }]);
  const { rows } = await warehouse.query(
    "select days::int, warmest from weather_by_city where city = 'Seattle' and month = '2012-07-01'",
  );
  expect(rows).toEqual([{ days: 31, warmest: 28.3 }]);
});

async function published(): Promise<AirportDelays[]> {
  const { rows } = await warehouse.query<AirportDelays>(`
    select origin, day::text, airport, city, state, flights::int, mean_delay, longest_delay::int,
      share_late, rating
    from airport_delays order by origin collate "C", day`);
  return rows;
}

/** Equal, with mean values to nine digits: two ways to add up fractions. */
function expectSame(actual: readonly AirportDelays[], expected: readonly AirportDelays[]): void {
  expect(actual.map(rounded)).toEqual(expected.map(rounded));
}

function rounded(row: AirportDelays) {
  const { mean_delay, share_late } = row;
  return { ...row, mean_delay: mean_delay.toFixed(9), share_late: share_late.toFixed(9) };
}

const rowsOf = (run: Run, block: string) => run.blocks.find(({ name }) => name === block)?.rows;
