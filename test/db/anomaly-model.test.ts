import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openDb, type Db } from '../../db/database.ts';
import { BASELINES, METHODS, type Baseline, type Method } from '../../metadata/anomaly/rule.ts';
import { createLog } from '../../runtime/log.ts';
import {
  addPipeline,
  addRule,
  addRuns,
  checkAll,
  queueAll,
  resultsOf,
  type History,
} from '../support/anomaly-world.ts';
import { createDatabase } from '../support/servers.ts';

const [DAYS, LAST_N, ENOUGH, Z] = [20, 12, 5, 2];
const VARIANTS = BASELINES.flatMap((baseline) =>
  METHODS.map((method) => [baseline, method] as const),
);

let db: Db;
let names = 0;

beforeAll(async () => {
  db = openDb(await createDatabase(), createLog('test', 'silent'), 2);
});
afterAll(() => db.destroy());

type Past = Omit<History, 'pipelineId'>;
interface Known extends Past {
  readonly id: number;
}

const Rows = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 95, max: 105 }) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 10_000 }) },
  { weight: 1, arbitrary: fc.constant(null) },
);
/** Of the first day that a rule looks back on, the time of the day now decides what still counts. */
const DaysAgo = fc.integer({ min: 1, max: 30 }).filter((days) => days !== DAYS + 1);
const Earlier = fc.array(
  fc.record({
    daysAgo: DaysAgo,
    hour: fc.integer({ min: 9, max: 10 }),
    rows: Rows,
    succeeded: fc.integer({ min: 0, max: 9 }).map((chance) => chance > 0),
    flags: fc.constantFrom({}, {}, {}, { total_rows: true }, { total_rows: false }),
  }),
  { minLength: 30, maxLength: 120 },
);
const Ended = fc.array(fc.record({ daysAgo: fc.constant(0), hour: fc.constant(9), rows: Rows }), {
  minLength: 1,
  maxLength: 25,
});

/** Watcher's rules as they are written down, run by run, over everything that is known of a pipeline. */
function oddOnes(earlier: Known[], ended: Known[], baseline: Baseline, method: Method): number[] {
  const odd = new Set(earlier.filter(({ flags }) => flags?.total_rows).map(({ id }) => id));
  const found: number[] = [];
  for (const run of ended) {
    const others = [...earlier, ...ended].filter(
      ({ id, succeeded, rows }) =>
        id !== run.id && succeeded !== false && rows !== null && !odd.has(id),
    );
    const values = compared(others, run, baseline).map(({ rows }) => rows ?? NaN);
    if (run.rows === null || values.length < ENOUGH) continue;
    const [centre, deviation] = method === 'mean_sd' ? meanSd(values) : medianMad(values);
    const [min, max] = [Math.max(0, centre - Z * deviation), centre + Z * deviation];
    if (deviation === 0 || (run.rows >= min && run.rows <= max)) continue;
    odd.add(run.id);
    found.push(run.id);
  }
  return found;
}

function compared(others: Known[], run: Known, baseline: Baseline): Known[] {
  if (baseline === 'last_n') return others.sort((a, b) => b.id - a.id).slice(0, LAST_N);
  const sameHour = others.filter(({ hour, daysAgo }) => hour === run.hour && daysAgo <= DAYS);
  return baseline === 'hour' ? sameHour : sameHour.filter(({ daysAgo }) => daysAgo % 7 === 0);
}

function meanSd(values: number[]): [number, number] {
  const mean = values.reduce((sum, value) => sum + value) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return [mean, Math.sqrt(squares / (values.length - 1))];
}

function medianMad(values: number[]): [number, number] {
  const centre = median(values);
  return [centre, 1.4826 * median(values.map((value) => Math.abs(value - centre)))];
}

function median(values: number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  return ((sorted[(sorted.length - 1) >> 1] ?? 0) + (sorted[sorted.length >> 1] ?? 0)) / 2;
}

test.each(VARIANTS)(
  'by %s and %s, runs that end together are judged as one after the other',
  async (baseline, method) => {
    const property = fc.asyncProperty(Earlier, Ended, fc.nat(10), async (past, now, size) => {
      const pipelineId = await addPipeline(db, `pipeline ${String(names++)}`);
      await addRule(db, pipelineId, {
        ...{ baseline, method, lookback_days: DAYS + 1, minimum_executions: ENOUGH },
        ...{ last_n: LAST_N, z_threshold: Z },
      });
      const add = async (runs: Past[]): Promise<Known[]> => {
        const ids = await addRuns(
          db,
          runs.map((run) => ({ pipelineId, ...run })),
        );
        return runs.map((run, at) => ({ ...run, id: ids[at] ?? NaN }));
      };
      const [earlier, ended] = [await add(past), await add(now)];
      const ids = ended.map(({ id }) => id);
      await queueAll(db, pipelineId, ids);
      await checkAll(db, size + 1);
      const found = (await resultsOf(db, ids)).map((result) => result.pipeline_execution_id);
      expect(found).toEqual(oddOnes(earlier, ended, baseline, method));
    });
    await fc.assert(property, { numRuns: 8 });
  },
);
