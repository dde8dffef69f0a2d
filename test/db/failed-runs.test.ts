import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { closeRun } from '../../db/runs/close-run.ts';
import { openDb, type Db } from '../../db/database.ts';
import { tellFailures } from '../../db/runs/failed-runs.ts';
import { routeRaised } from '../../db/notices/routing.ts';
import { reportEnds, type ReportedState } from '../../db/reports/report-end.ts';
import type { ClosedState } from '../../plan/run-state.ts';
import { createLog } from '../../runtime/log.ts';
import { createDatabase } from '../support/servers.ts';

let db: Db;

beforeAll(async () => {
  db = openDb(await createDatabase(), createLog('test', 'silent'), 2);
  await sql`insert into pipeline_type (name) values ('test')`.execute(db);
  await sql`insert into pipeline (name, pipeline_type_id) values ('ours', 1), ('theirs', 1)`.execute(
    db,
  );
});
afterAll(() => db.destroy());
beforeEach(async () => {
  await sql`truncate notice, notice_delivery, raised_notice`.execute(db);
});

interface Beginning {
  readonly parent?: number;
  readonly reported?: true;
}

async function begin({ parent, reported }: Beginning = {}): Promise<number> {
  const { rows } = await sql<{ id: number }>`
    insert into pipeline_execution (pipeline_id, state, workflow_id, trigger_kind, start_date, parent_id)
    values (${reported ? 2 : 1}, 'running', ${reported ? null : sql`gen_random_uuid()`},
      ${reported ? 'reported' : 'api'}, now() - interval '7 seconds', ${parent ?? null})
    returning id`.execute(db);
  return rows[0]?.id ?? 0;
}

async function end(id: number, state: ClosedState, through: Db = db): Promise<void> {
  const error = { code: 'block.failed', message: 'no such table\0', block: 'orders' };
  await closeRun(through, {
    executionId: id,
    state,
    error: state === 'succeeded' ? null : error,
    watermark: null,
    blocks: [{ name: 'orders', state, attempt: 1 }],
  });
}

/** The database, which refuses whoever begins a transaction. */
function withoutTransactions(): Db {
  return new Proxy(db, {
    get(target, name) {
      if (name === 'transaction') throw new Error('A transaction was begun');
      const member = Reflect.get(target, name, target) as unknown;
      return typeof member === 'function' ? (member.bind(target) as unknown) : member;
    },
  });
}

async function reportEnd(ends: readonly (readonly [number, ReportedState])[]): Promise<void> {
  const endDate = (at: number) => new Date(Date.now() + at).toISOString();
  await reportEnds(
    db,
    ends.map(([id, state], at) => ({ id, endDate: endDate(at), state, sent: {} })),
  );
}

/** What has been raised and waits to be routed: `failed` or `recovered`, with the run. */
async function raised(): Promise<string[]> {
  const rows = await db
    .selectFrom('raised_notice')
    .select(['recovered', 'execution_id'])
    .orderBy('id')
    .execute();
  return rows.map((row) => `${row.recovered ? 'recovered' : 'failed'} ${String(row.execution_id)}`);
}

async function route(): Promise<void> {
  await routeRaised(db, () => ({ untold: 'no_route' }));
}

test.each(['failed', 'timed_out', 'terminated'] as const)(
  'a run that %s is told of',
  async (state) => {
    const run = await begin();
    await end(run, state);

    const [notice] = await db.selectFrom('raised_notice').selectAll().execute();
    expect(notice).toMatchObject({
      ...{ kind: 'run_failed', severity: 'error', pipeline_id: 1, execution_id: run },
      ...{ subject: 'run_failed/1', recovered: false },
    });
    expect(notice?.message).toContain('in block orders: no such table');
  },
);

test.each(['cancelled', 'skipped', 'succeeded'] as const)(
  'a run that is %s is not',
  async (state) => {
    await end(await begin(), state);

    expect(await raised()).toEqual([]);
  },
);

test('only the first success after failures is told of, before and after those are routed', async () => {
  const [first, second, third] = [await begin(), await begin(), await begin()];
  await end(first, 'failed');
  await end(second, 'succeeded');
  expect(await raised()).toEqual([`failed ${first}`, `recovered ${second}`]);

  await route();
  await end(third, 'succeeded');
  expect(await raised()).toEqual([]);

  const [fourth, fifth] = [await begin(), await begin()];
  await end(fourth, 'failed');
  await route();
  await end(fifth, 'succeeded');
  expect(await raised()).toEqual([`recovered ${fifth}`]);
});

test('a failure inside a sub-pipeline is told by the run above it alone', async () => {
  const parent = await begin();
  await end(await begin({ parent }), 'failed');
  await end(parent, 'failed');

  expect(await raised()).toEqual([`failed ${parent}`]);
});

test('reported executions are told of, also within others, and in the order of their ends', async () => {
  const above = await begin({ reported: true });
  const [bad, good, worse] = [
    await begin({ reported: true, parent: above }),
    await begin({ reported: true }),
    await begin({ reported: true }),
  ];
  await reportEnd([
    [bad, 'failed'],
    [good, 'succeeded'],
    [worse, 'failed'],
    [above, 'succeeded'],
  ]);

  expect(await raised()).toEqual([
    `failed ${bad}`,
    `recovered ${good}`,
    `failed ${worse}`,
    `recovered ${above}`,
  ]);
});

test('a reported execution that was cancelled neither fails nor ends a failure', async () => {
  const [bad, stopped, good] = [
    await begin({ reported: true }),
    await begin({ reported: true }),
    await begin({ reported: true }),
  ];
  await reportEnd([
    [bad, 'failed'],
    [stopped, 'cancelled'],
    [good, 'succeeded'],
  ]);

  expect(await raised()).toEqual([`failed ${bad}`, `recovered ${good}`]);
});

test('a success that nobody has to hear of is one statement, also while another pipeline fails', async () => {
  const theirs = await begin({ reported: true });
  await reportEnd([[theirs, 'failed']]);

  await end(await begin(), 'succeeded', withoutTransactions());

  expect(await raised()).toEqual([`failed ${theirs}`]);
});

test('a success of a pipeline that nothing is wrong with asks Postgres nothing', async () => {
  const untouched = undefined as never;

  await expect(
    tellFailures(untouched, [{ id: 1, pipelineId: 1, state: 'succeeded', failing: false }]),
  ).resolves.toBeUndefined();
});
