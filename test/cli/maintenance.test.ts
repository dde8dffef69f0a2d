import { afterAll, beforeAll, expect, test } from 'vitest';
import { sql } from 'kysely';
import type { DailyFigures } from '../../api/contract/daily-report.ts';
import type { Diagnostics } from '../../api/contract/diagnostics.ts';
import { packageRoot } from '../../runtime/paths.ts';
import { startTestApi, type TestApi } from '../api/test-api.ts';
import { addRun } from '../db/old-things.ts';
import { highwater } from '../support/highwater.ts';
import { until } from '../support/until.ts';

let api: TestApi;

beforeAll(async () => {
  api = await startTestApi();
  const pipeline = await until(async () => {
    const { rows } = await sql<{ id: number }>`
      select id from pipeline where name = 'numbers'`.execute(api.db);
    return rows[0]?.id;
  });
  await addRun(api.db, { pipeline });
});
afterAll(() => api.stop());

const ask = (...args: string[]) =>
  highwater(args, packageRoot, { HIGHWATER_API: api.url, NO_COLOR: '1' });

test('the report has today’s runs, as a table and as JSON', async () => {
  const { code, out } = await ask('report');
  expect(code).toBe(0);
  expect(out).toMatch(/^DATE +PIPELINE +RUNS +FAILED +ODD +ROWS /m);
  expect(out).toMatch(/^\d{4}-\d\d-\d\d +numbers +1 +0 +0 +0 /m);

  const { out: json } = await ask('report', '--days', '1', '--pipeline', 'numbers', '--json');
  expect(JSON.parse(json) as DailyFigures[]).toMatchObject([{ pipeline: 'numbers', failed: 0 }]);
  expect((await ask('report', '--pipeline', 'elsewhere')).out).toBe('Nothing ran.\n');
});

test('the doctor says what is wrong, and its exit code tells', async () => {
  const { code, out } = await ask('doctor');
  expect(code).toBe(1);
  expect(out).toMatch(/^workers +0 on /m);
  expect(out).toMatch(/^error +workers: No worker asks .+ for activity tasks: start one$/m);

  const { out: json } = await ask('doctor', '--json');
  expect((JSON.parse(json) as Diagnostics).healthy).toBe(false);
});
