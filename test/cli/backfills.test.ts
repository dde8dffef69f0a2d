import { userInfo } from 'node:os';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type {
  Backfill,
  BackfillInterval,
  BackfillPlan,
  BackfillSummary,
} from '../../api/contract/backfill.ts';
import { packageRoot } from '../../runtime/paths.ts';
import { startTestApi, type TestApi } from '../api/test-api.ts';
import { highwater } from '../support/highwater.ts';

const ME = userInfo().username;
const DAYS = ['--from', '2026-01-01', '--to', '2026-01-04', '--every', '1d'];

let api: TestApi;
let id: string;

// No worker runs here: what is asked for is on record, and nobody has seen it yet.
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.stop());

const ask = (...args: string[]) =>
  highwater(args, packageRoot, { HIGHWATER_API: api.url, NO_COLOR: '1', TZ: 'UTC' });

async function answer<Answer>(...args: string[]): Promise<Answer> {
  const { code, out, err } = await ask(...args, '--json');
  expect([code, err]).toEqual([0, '']);
  return JSON.parse(out) as Answer;
}

test('a dry run tells what would run, and starts nothing', async () => {
  const asked = ['backfill', 'numbers', ...DAYS, '--max-parallel', '2', '--dry-run'];
  const [{ out }, plan] = await Promise.all([ask(...asked), answer<BackfillPlan>(...asked)]);

  expect(out).toMatch(/^numbers: 3 intervals, .*1d/);
  expect(out).toMatch(/first +2026-01-01 → 2026-01-02$/m);
  expect(out).toMatch(/last +2026-01-03 → 2026-01-04$/m);
  expect(plan).toMatchObject({ count: 3, max_parallel: 2 });
  expect(plan.intervals).toHaveLength(3);
  expect(await answer('backfills', 'list')).toEqual([]);
});

test('a backfill that is started can be listed and shown, with who started it', async () => {
  const params = ['-p', 'count=5', '--order', 'desc'];
  const started = await answer<Backfill>('backfill', 'numbers', ...DAYS, ...params);
  id = String(started.id);
  expect(started).toMatchObject({
    ...{ pipeline: 'numbers', intervals: 3, order: 'desc', params: { count: 5 } },
    ...{ created_by: ME, state: 'running', seen: false },
  });

  const [list, shown, intervals] = await Promise.all([
    ask('backfills', 'list', '--state', 'running'),
    ask('backfills', 'show', id),
    ask('backfills', 'intervals', id, '--state', 'pending', '--json'),
  ]);
  expect(list.out).toMatch(new RegExp(`^${id} +numbers +running .+ 0/3 +0 +${ME}$`, 'm'));
  expect(shown.out).toContain(`backfill ${id} of numbers  running`);
  expect(shown.out).toMatch(/^ +progress +0 of 3 · 3 pending$/m);
  expect(shown.out).toContain(`started by ${ME}`);
  expect(JSON.parse(intervals.out) as BackfillInterval[]).toHaveLength(3);
});

test('it is paused, changed, resumed and cancelled, and all that is on record', async () => {
  expect(await answer('backfills', 'pause', id)).toMatchObject({ state: 'paused' });
  const { out } = await ask('backfills', 'set', id, '--max-parallel', '4');
  expect(out).toMatch(/^ +parallel +4, /m);
  expect(await answer('backfills', 'resume', id)).toMatchObject({ state: 'running' });
  const { state, changes } = await answer<Backfill>('backfills', 'cancel', id);

  expect(state).toBe('cancelling');
  expect(changes.map(({ action, actor }) => `${action} by ${actor}`)).toEqual([
    `cancelled by ${ME}`,
    `resumed by ${ME}`,
    `changed by ${ME}`,
    `paused by ${ME}`,
    `started by ${ME}`,
  ]);
});

test('what can not be done is refused with its reason, and the exit code is the user’s', async () => {
  const [retried, overlapping, unknown, wrong] = await Promise.all([
    ask('backfills', 'retry', id),
    ask('backfill', 'numbers', ...DAYS),
    ask('backfills', 'show', '99999'),
    ask('backfill', 'numbers', '--from', '2026-01-01', '--to', '2026-01-04', '--every', '1 moon'),
  ]);
  expect([retried, overlapping, unknown, wrong].map(({ code, out }) => [code, out])).toEqual(
    Array(4).fill([1, '']),
  );
  expect(retried.err).toContain('only: missing');
  expect(overlapping.err).toContain(`Backfill ${id} is cancelling`);
  expect(unknown.err).toContain('99999');
  expect(wrong.err).toContain('is no step');
  const { length } = await answer<BackfillSummary[]>('backfills', 'list', '--pipeline', 'numbers');
  expect(length).toBe(1);
});
