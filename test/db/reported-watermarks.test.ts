import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openDb, type Db } from '../../db/database.ts';
import { offerNextWatermark, reportedMove } from '../../db/reports/reported-watermark.ts';
import { holdWatermark, moveWatermark } from '../../db/watermarks/watermarks.ts';
import { createLog } from '../../runtime/log.ts';
import { createDatabase } from '../support/servers.ts';
import { anyStep, World, type Book, type Step } from '../support/watermark-world.ts';
import { openLedger, type Ledger } from './watermark-book.ts';

let db: Db;

beforeAll(async () => {
  db = openDb(await createDatabase(), createLog('test', 'silent'), 10);
});
afterAll(() => db.destroy());

interface Said {
  readonly watermark?: string;
  readonly next_watermark?: string;
}

/** Reports the start of an execution; answers its id. */
async function report({ pipelineId }: Ledger, said: Said = {}): Promise<number> {
  const { rows } = await sql<{ id: number }>`
    insert into pipeline_execution (pipeline_id, state, trigger_kind, start_date, watermark,
      next_watermark, pipeline_watermark, pipeline_next_watermark)
    select id, 'running', 'reported', timestamptz '2020-01-01', ${said.watermark ?? null},
      ${said.next_watermark ?? null}, watermark, next_watermark
    from pipeline where id = ${pipelineId} returning id`.execute(db);
  return rows[0]?.id ?? 0;
}

async function succeed({ pipelineId }: Ledger, id: number): Promise<void> {
  await db.transaction().execute(async (tx) => {
    const execution = await tx
      .updateTable('pipeline_execution')
      .set({ state: 'succeeded' })
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirstOrThrow();
    const move = reportedMove(execution, 'reported');
    if (move) await moveWatermark(tx, await holdWatermark(tx, pipelineId, id), move);
  });
}

async function name(ledger: Ledger, next: string): Promise<void> {
  await db
    .updateTable('pipeline')
    .set({ next_watermark: next })
    .where('id', '=', ledger.pipelineId)
    .execute();
}

test('each execution promotes its own next watermark, whatever the pipeline’s has become', async () => {
  const ledger = await openLedger(db);
  const first = await report(ledger, { next_watermark: '2026-01-02' });
  await name(ledger, '2026-01-09');
  await succeed(ledger, first);
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
    for (const at of order) await succeed(ledger, ids[at] ?? 0);
    expect(await ledger.watermark()).toBe('100');
  }
});

test('an end that is repeated late leaves it, and is on record once', async () => {
  const ledger = await openLedger(db);
  const early = await report(ledger, { next_watermark: '10' });
  await succeed(ledger, early);
  await succeed(ledger, await report(ledger, { watermark: '10', next_watermark: '20' }));
  await succeed(ledger, early);
  await succeed(ledger, early);
  expect(await ledger.history()).toEqual(['null → 10', '10 → 20', '10 lies before 20']);
});

test('a first execution may begin where its client likes', async () => {
  const ledger = await openLedger(db);
  await succeed(ledger, await report(ledger, { watermark: '1990-01-01', next_watermark: '2026' }));
  expect(await ledger.watermark()).toBe('2026');
});

test('what has no order moves from the watermark that the execution found, and not from another', async () => {
  const ledger = await openLedger(db);
  await succeed(ledger, await report(ledger, { next_watermark: 'lsn:A' }));
  const [one, other] = [
    await report(ledger, { watermark: 'lsn:A', next_watermark: 'lsn:C' }),
    await report(ledger, { watermark: 'lsn:A', next_watermark: 'lsn:B' }),
  ];
  await succeed(ledger, one);
  await succeed(ledger, other);
  expect(await ledger.watermark()).toBe('lsn:C');
});

test('a watermark that was set meanwhile stays, whatever start date the execution claims', async () => {
  const ledger = await openLedger(db);
  await ledger.set('100');
  const open = await report(ledger, { watermark: '100', next_watermark: '120' });
  await ledger.set('50');
  await ledger.set('100');
  await succeed(ledger, open);
  expect(await ledger.watermark()).toBe('100');

  await succeed(ledger, await report(ledger, { watermark: '100', next_watermark: '120' }));
  expect(await ledger.watermark()).toBe('120');
});

test('one that names no next watermark promotes what its pipeline named when it began', async () => {
  const ledger = await openLedger(db);
  await name(ledger, '10');
  const first = await report(ledger);
  await name(ledger, '20');
  await succeed(ledger, first);
  expect(await ledger.watermark()).toBe('10');
});

test('a next watermark named meanwhile is meant for the one that is open, or for nobody', async () => {
  const ledger = await openLedger(db);
  const alone = await report(ledger);
  await offerNextWatermark(db, ledger.pipelineId, '10');
  await succeed(ledger, alone);
  expect(await ledger.watermark()).toBe('10');

  const two = [await report(ledger), await report(ledger)];
  await offerNextWatermark(db, ledger.pipelineId, '20');
  for (const id of two) await succeed(ledger, id);
  expect(await ledger.watermark()).toBe('10');
});

test('one that names nothing leaves the watermark', async () => {
  const ledger = await openLedger(db);
  await ledger.set('10');
  await succeed(ledger, await report(ledger));
  expect(await ledger.watermark()).toBe('10');
});

function bookOf(ledger: Ledger): Book {
  const ids = new Map<number, number>();
  const asNumber = (text: string | null) => (text === null ? null : Number(text));
  return {
    async open(id) {
      ids.set(id, await report(ledger));
      return asNumber(await ledger.watermark());
    },
    async succeed(id, { began, next }) {
      await db
        .updateTable('pipeline_execution')
        .set({
          watermark: began === null ? null : String(began),
          next_watermark: next === null ? null : String(next),
        })
        .where('id', '=', ids.get(id) ?? 0)
        .execute();
      await succeed(ledger, ids.get(id) ?? 0);
    },
    fail: () => Promise.resolve(),
    set: (value) => ledger.set(String(value)),
    read: async () => asNumber(await ledger.watermark()),
  };
}

test('whatever crosses whatever, no row up to the watermark is missing that was reported', async () => {
  const windows = anyStep.map<Step>((step) =>
    step.does === 'open' ? { does: 'open', fullLoad: false } : step,
  );
  const anySteps = fc.array(windows, { minLength: 20, maxLength: 60, size: 'max' });
  const holds = fc.asyncProperty(anySteps, async (steps) =>
    new World(bookOf(await openLedger(db))).neverMisses(steps),
  );
  await fc.assert(holds, { numRuns: 12 });
});
