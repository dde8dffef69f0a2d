import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openDb, type Db } from '../../db/database.ts';
import { createLog } from '../../runtime/log.ts';
import { createDatabase } from '../support/servers.ts';
import { anyStep, World, type Step } from '../support/watermark-world.ts';
import { bookOf, number, openLedger } from './watermark-book.ts';

let db: Db;

beforeAll(async () => {
  db = openDb(await createDatabase(), createLog('test', 'silent'), 10);
});
afterAll(() => db.destroy());

test('a success takes the watermark along, and says who, from where, to where, why and which run', async () => {
  const ledger = await openLedger(db);
  const first = await ledger.open();
  await ledger.end(first, { next: number(10) });
  const second = await ledger.open();
  expect(second.watermark).toBe('10');
  await ledger.end(second, {
    next: number(20),
    delivered: { inserts: 3, updates: 0, soft_deletes: 0 },
  });

  const changes = await db
    .selectFrom('watermark_change')
    .selectAll()
    .where('pipeline_id', '=', ledger.pipelineId)
    .orderBy('id')
    .execute();
  expect(changes).toMatchObject([
    { execution_id: first.id, kind: 'run', moved: true, from_value: null, to_value: '10' },
    {
      ...{ execution_id: second.id, kind: 'run', moved: true, from_value: '10', to_value: '20' },
      ...{ type: 'number', actor: 'highwater', reason: 'loaded up to there' },
    },
  ]);
  expect(await ledger.watermark()).toBe('20');
});

test.for(['failed', 'cancelled', 'timed_out', 'terminated'] as const)(
  'a run that is %s leaves the watermark, and nothing on record',
  async (state) => {
    const ledger = await openLedger(db);
    await ledger.end(await ledger.open(), { state, next: number(10) });
    expect(await ledger.watermark()).toBeNull();
    expect(await ledger.history()).toEqual([]);
  },
);

test('a run that found nothing new leaves it', async () => {
  const ledger = await openLedger(db);
  await ledger.set('10');
  await ledger.end(await ledger.open(), {});
  expect(await ledger.watermark()).toBe('10');
});

test('an end that is tried again after others have ended changes nothing', async () => {
  const ledger = await openLedger(db);
  const [slow, fast] = [await ledger.open(), await ledger.open()];
  expect(await ledger.end(slow, { next: number(10) })).toBe(true);
  await ledger.end(fast, { next: number(20) });
  expect(await ledger.end(slow, { next: number(10) })).toBe(false);
  expect(await ledger.end(slow, { next: number(99) })).toBe(false);
  expect(await ledger.watermark()).toBe('20');
  expect(await ledger.history()).toEqual(['null → 10', '10 → 20']);
});

test('a run that ends at a smaller value stays behind, on record with its reason', async () => {
  const ledger = await openLedger(db);
  await ledger.set('100');
  await ledger.end(await ledger.open(), { next: number(99.5) });
  expect(await ledger.watermark()).toBe('100');
  expect(await ledger.history()).toEqual(['null → 100', '99.5 lies before 100']);
});

test('dates are compared as times, not as texts', async () => {
  const ledger = await openLedger(db);
  const date = (value: string) => ({ next: { value, type: 'date' as const } });
  await ledger.end(await ledger.open(), date('2026-01-31T23:59:59.5+00:00'));
  const run = await ledger.open();
  await ledger.end(run, date('2026-02-01T00:30:00+01:00'));
  expect(await ledger.watermark()).toBe('2026-01-31T23:59:59.5+00:00');
  await ledger.end(await ledger.open(), date('2026-02-01'));
  expect(await ledger.watermark()).toBe('2026-02-01');
});

test('a column of another type takes over from the watermark that its run began with', async () => {
  const ledger = await openLedger(db);
  await ledger.end(await ledger.open(), { next: number(20_260_131) });
  await ledger.end(await ledger.open(), { next: { value: '2026-02-01', type: 'date' } });
  expect(await ledger.watermark()).toBe('2026-02-01');
});

test('runs that end at the same moment leave the greatest of their values', async () => {
  const ledger = await openLedger(db);
  const runs = await Promise.all(Array.from({ length: 20 }, () => ledger.open()));
  await Promise.all(runs.map((run, at) => ledger.end(run, { next: number((at * 7) % 20) })));
  expect(await ledger.watermark()).toBe('19');

  const changes = await db
    .selectFrom('watermark_change')
    .select(['from_value', 'to_value', 'moved'])
    .where('pipeline_id', '=', ledger.pipelineId)
    .orderBy('id')
    .execute();
  expect(changes).toHaveLength(20);
  const moved = changes.filter((change) => change.moved);
  moved.slice(1).forEach(({ from_value, to_value }, at) => {
    expect(from_value).toBe(moved[at]?.to_value);
    expect(Number(to_value)).toBeGreaterThan(Number(from_value));
  });
});

test('a watermark that somebody set stays where it is put, also for a run that began there', async () => {
  const ledger = await openLedger(db);
  await ledger.end(await ledger.open(), { next: number(10) });
  const open = await ledger.open();
  await ledger.end(await ledger.open(), { next: number(20) });
  await ledger.set('10');
  await ledger.end(open, { next: number(15) });
  expect(await ledger.watermark()).toBe('10');
  expect((await ledger.history()).at(-1)).toBe('it was set to 10 after this began');
  expect((await ledger.open()).watermark).toBe('10');
});

test('to set it to what it is changes nothing, and disturbs nobody', async () => {
  const ledger = await openLedger(db);
  await ledger.set('10');
  const open = await ledger.open();
  await ledger.set('10');
  await ledger.end(open, { next: number(20) });
  expect(await ledger.history()).toEqual(['null → 10', '10 → 20']);
});

test('a full load takes it back with the data, and what crossed it stays behind', async () => {
  const ledger = await openLedger(db);
  await ledger.set('10');
  const [full, crossing] = [await ledger.open(true), await ledger.open()];
  expect(full.watermark).toBeNull();
  await ledger.end(await ledger.open(), { next: number(30) });
  await ledger.end(full, { next: number(25) });
  expect(await ledger.watermark()).toBe('25');
  await ledger.end(crossing, { next: number(40) });
  expect(await ledger.watermark()).toBe('25');
  expect(await ledger.history()).toEqual([
    ...['null → 10', '10 → 30', '30 → 25'],
    'it was set to 25 after this began',
  ]);
});

test('a full load that finds nothing leaves no watermark', async () => {
  const ledger = await openLedger(db);
  await ledger.set('10');
  await ledger.end(await ledger.open(true), {});
  expect(await ledger.watermark()).toBeNull();
});

test('a full load goes no further than somebody set it meanwhile', async () => {
  const ledger = await openLedger(db);
  await ledger.set('50');
  const full = await ledger.open(true);
  await ledger.set('20');
  await ledger.end(await ledger.open(), { next: number(60) });
  await ledger.end(full, { next: number(60) });
  expect(await ledger.watermark()).toBe('20');
});

test('whatever crosses whatever, Postgres never misses a row up to the watermark', async () => {
  const steps = fc.array(anyStep.filter(isOurs), { minLength: 20, maxLength: 60, size: 'max' });
  const holds = fc.asyncProperty(steps, async (taken) =>
    new World(bookOf(await openLedger(db))).neverMisses(taken),
  );
  await fc.assert(holds, { numRuns: 12 });
});

/** Our runs begin at the watermark that they read, and nowhere else. */
function isOurs({ does }: Step): boolean {
  return does !== 'ask';
}
