import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openDb, type Db } from '../../db/database.ts';
import { changePipeline, declarePipeline } from '../../db/pipelines/reported-pipelines.ts';
import { reportEnds, type ReportedEnd } from '../../db/reports/report-end.ts';
import { reportStarts } from '../../db/reports/report-start.ts';
import { createLog } from '../../runtime/log.ts';
import { anyReport, ReportedWorld, type ReportBook } from '../support/reported-world.ts';
import { createDatabase } from '../support/servers.ts';
import { openLedger, type Ledger } from './watermark-book.ts';

let db: Db;

beforeAll(async () => {
  db = openDb(await createDatabase(), createLog('test', 'silent'), 10);
});
afterAll(() => db.destroy());

interface Said {
  readonly watermark?: string | null;
  readonly next_watermark?: string | null;
}

/** Reports the start of an execution, with a date that nobody should rely on; answers its id. */
async function report({ pipelineId }: Ledger, said: Said = {}): Promise<number> {
  const { watermark = null, next_watermark: nextWatermark = null } = said;
  const startDate = '2020-01-01T00:00:00Z';
  const start = { pipelineId, parentId: null, startDate, watermark, nextWatermark };
  const [answer] = await reportStarts(db, [start]);
  if (!answer || !('id' in answer)) throw new Error('It was not taken');
  return answer.id;
}

function endOf(id: number, second = 1, state: ReportedEnd['state'] = 'succeeded'): ReportedEnd {
  const endDate = new Date(Date.UTC(2020, 0, 2, 0, 0, second)).toISOString();
  return { id, endDate, state, sent: {} };
}

async function succeed(id: number): Promise<void> {
  expect(await reportEnds(db, [endOf(id)])).toEqual(['ended']);
}

/** `POST /pipeline` */
async function declare({ pipelineId }: Ledger, nextWatermark: string | null): Promise<void> {
  const { name } = await db
    .selectFrom('pipeline')
    .select('name')
    .where('id', '=', pipelineId)
    .executeTakeFirstOrThrow();
  const settings = { typeName: 'reported', settings: {}, hash: 'same', autoRules: false };
  await declarePipeline(db, { name, nextWatermark, ...settings });
}

/** `PATCH /pipeline` */
async function patch({ pipelineId }: Ledger, change: Said): Promise<void> {
  await changePipeline(db, { id: pipelineId }, change);
}

test('each execution promotes its own next watermark, whatever the pipeline’s has become', async () => {
  const ledger = await openLedger(db);
  const first = await report(ledger, { next_watermark: '2026-01-02' });
  await declare(ledger, '2026-01-09');
  await succeed(first);
  expect(await ledger.watermark()).toBe('2026-01-02');
});

test('executions that cross each other leave the greatest, in whichever order they end', async () => {
  for (const order of [
    [0, 1],
    [1, 0],
  ]) {
    const ledger = await openLedger(db);
    const ids = [
      await report(ledger, { watermark: '9', next_watermark: '10' }),
      await report(ledger, { watermark: '9', next_watermark: '100' }),
    ];
    for (const at of order) await succeed(ids[at] ?? 0);
    expect(await ledger.watermark()).toBe('100');
  }
});

test('an end that is repeated late leaves it, and is on record once', async () => {
  const ledger = await openLedger(db);
  const early = await report(ledger, { next_watermark: '10' });
  await succeed(early);
  await succeed(await report(ledger, { watermark: '10', next_watermark: '20' }));
  await succeed(early);
  await succeed(early);
  expect(await ledger.history()).toEqual(['null → 10', '10 → 20', '10 lies before 20']);
});

test('a first execution may begin where its client likes', async () => {
  const ledger = await openLedger(db);
  await succeed(await report(ledger, { watermark: '1990-01-01', next_watermark: '2026' }));
  expect(await ledger.watermark()).toBe('2026');
});

test('what has no order moves from the watermark that the execution found, and not from another', async () => {
  const ledger = await openLedger(db);
  await succeed(await report(ledger, { next_watermark: 'lsn:A' }));
  const [one, other] = [
    await report(ledger, { watermark: 'lsn:A', next_watermark: 'lsn:C' }),
    await report(ledger, { watermark: 'lsn:A', next_watermark: 'lsn:B' }),
  ];
  await succeed(one);
  await succeed(other);
  expect(await ledger.watermark()).toBe('lsn:C');
});

test('a watermark that was set meanwhile stays, whatever start date the execution claims', async () => {
  const ledger = await openLedger(db);
  await ledger.set('100');
  const open = await report(ledger, { watermark: '100', next_watermark: '120' });
  await ledger.set('50');
  await ledger.set('100');
  await succeed(open);
  expect(await ledger.watermark()).toBe('100');

  await succeed(await report(ledger, { watermark: '100', next_watermark: '120' }));
  expect(await ledger.watermark()).toBe('120');
});

test('a position that a client held while the watermark was taken away does not bring it back', async () => {
  const ledger = await openLedger(db);
  await succeed(await report(ledger, { watermark: '1990-01-01', next_watermark: '2026-01-02' }));
  await ledger.set(null);
  await succeed(await report(ledger, { watermark: '2026-01-02 00:00', next_watermark: '2026-03' }));
  expect(await ledger.watermark()).toBeNull();

  await succeed(await report(ledger, { watermark: '1990-01-01', next_watermark: '2026-01-03' }));
  expect(await ledger.watermark()).toBe('2026-01-03');
  expect(await ledger.history()).toEqual([
    'null → 2026-01-02',
    '2026-01-02 → null',
    'this began at 2026-01-02 00:00, where the watermark is no longer',
    'null → 2026-01-03',
  ]);
});

test('one that names no next watermark promotes what its pipeline named when it began', async () => {
  const ledger = await openLedger(db);
  await declare(ledger, '10');
  const first = await report(ledger);
  await declare(ledger, '20');
  await succeed(first);
  expect(await ledger.watermark()).toBe('10');
});

test('a next watermark named meanwhile is meant for the one that is open, or for nobody', async () => {
  const ledger = await openLedger(db);
  const alone = await report(ledger);
  await patch(ledger, { next_watermark: '10' });
  await succeed(alone);
  expect(await ledger.watermark()).toBe('10');

  const two = [await report(ledger), await report(ledger)];
  await patch(ledger, { next_watermark: '20' });
  for (const id of two) await succeed(id);
  expect(await ledger.watermark()).toBe('10');
});

test('one that names nothing leaves the watermark', async () => {
  const ledger = await openLedger(db);
  await ledger.set('10');
  await succeed(await report(ledger));
  expect(await ledger.watermark()).toBe('10');
});

function bookOf(ledger: Ledger): ReportBook {
  const asText = (value: number | null) => (value === null ? null : String(value));
  const asNumber = (text: string | null) => (text === null ? null : Number(text));
  let second = 0;
  return {
    start: ({ watermark, next }) =>
      report(ledger, { watermark: asText(watermark), next_watermark: asText(next) }),
    async end(ends) {
      const reported = ends.map(({ id, succeeded }) =>
        endOf(id, (second += 1), succeeded ? 'succeeded' : 'failed'),
      );
      expect(await reportEnds(db, reported)).toEqual(ends.map(() => 'ended'));
    },
    declare: (next) => declare(ledger, asText(next)),
    patch: ({ watermark, next }) =>
      patch(ledger, {
        ...(watermark !== undefined && { watermark: asText(watermark) }),
        ...(next !== undefined && { next_watermark: asText(next) }),
      }),
    async read() {
      const row = await db
        .selectFrom('pipeline')
        .select(['watermark', 'next_watermark'])
        .where('id', '=', ledger.pipelineId)
        .executeTakeFirstOrThrow();
      return { watermark: asNumber(row.watermark), next: asNumber(row.next_watermark) };
    },
  };
}

test('whatever crosses whatever, no row up to the watermark is missing, and it goes as far as it may', async () => {
  const anySteps = fc.array(anyReport, { minLength: 20, maxLength: 60, size: 'max' });
  const holds = fc.asyncProperty(anySteps, async (steps) => {
    const book = bookOf(await openLedger(db));
    const world = new ReportedWorld(book);
    for (const step of steps) {
      await world.take(step);
      expect(await book.read()).toEqual(world.expected);
      expect(world.missing).toEqual([]);
    }
  });
  await fc.assert(holds, { numRuns: 40 });
}, 180_000);
