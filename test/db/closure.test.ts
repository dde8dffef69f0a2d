import fc from 'fast-check';
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openDb, type Db } from '../../db/database.ts';
import { startPace } from '../../db/maintenance/batches.ts';
import { cleanUp } from '../../db/maintenance/clean-up.ts';
import { insertRun } from '../../db/runs/open-run.ts';
import { reportStarts } from '../../db/reports/report-start.ts';
import { insertRequest } from '../../db/runs/run-requests.ts';
import { createLog } from '../../runtime/log.ts';
import { createDatabase } from '../support/servers.ts';

const HASH = 'h'.repeat(64);

let db: Db;
let pipelineId: number;

beforeAll(async () => {
  db = openDb(await createDatabase(), createLog('test', 'silent'), 10);
  const { rows } = await sql<{ id: number }>`
    with type as (insert into pipeline_type (name) values ('test') returning id)
    insert into pipeline (name, pipeline_type_id) select 'nested', id from type returning id`.execute(
    db,
  );
  pipelineId = rows[0]?.id ?? 0;
  await db
    .insertInto('pipeline_version')
    .values({ hash: HASH, pipeline_id: pipelineId, plan: '{}' })
    .execute();
});
afterAll(() => db.destroy());

type Way = 'asked' | 'started' | 'reported';

/** An execution of a tree: how it begins, and which of the earlier ones is its parent, if any. */
interface Node {
  readonly way: Way;
  readonly parent: number | null;
}

const anyTree: fc.Arbitrary<Node[]> = fc
  .array(
    fc.record({
      way: fc.constantFrom<Way>('asked', 'started', 'reported'),
      pick: fc.option(fc.nat(), { freq: 5 }),
    }),
    { minLength: 1, maxLength: 15, size: 'max' },
  )
  .map((nodes) =>
    nodes.map(({ way, pick }, at) => ({
      way,
      // Nobody asks the API for a run below another one.
      parent: way === 'asked' || pick === null || at === 0 ? null : pick % at,
    })),
  );

async function begin(way: Way, parent: number | null): Promise<number> {
  const run = {
    ...{ pipeline: 'nested', plan: HASH, params: {}, fullLoad: false, limit: null },
    cause: { trigger: 'test' },
  };
  switch (way) {
    case 'asked': {
      const salt = randomUUID();
      const asked = { ...run, pipelineId, salt, key: null, claimed: true };
      return (await insertRequest(db, asked))?.id ?? 0;
    }
    case 'started': {
      const above =
        parent === null ? undefined : { executionId: parent, block: 'b', attempt: 1, values: {} };
      const ids = { workflowId: randomUUID(), temporalRunId: randomUUID() };
      const first = await insertRun(db, { ...run, ...ids, parent: above });
      const again = await insertRun(db, { ...run, ...ids, parent: above });
      expect(again.id).toBe(first.id);
      return first.id;
    }
    case 'reported':
      return report(parent, null);
  }
}

async function report(parentId: number | null, startDate: string | null): Promise<number> {
  const start = { pipelineId, parentId, startDate, watermark: null, nextWatermark: null };
  const [answer] = await reportStarts(db, [start]);
  return answer && 'id' in answer ? answer.id : 0;
}

/** Every ancestor of a node with its distance, itself included. */
function ancestorsOf(tree: readonly Node[], at: number): [number, number][] {
  const parent = tree[at]?.parent ?? null;
  const above = parent === null ? [] : ancestorsOf(tree, parent);
  return [[at, 0], ...above.map(([node, depth]): [number, number] => [node, depth + 1])];
}

async function closureOf(ids: readonly number[]): Promise<string[]> {
  const rows = await db
    .selectFrom('pipeline_execution_closure')
    .selectAll()
    .where('child_execution_id', 'in', ids)
    .execute();
  return rows
    .map(({ parent_execution_id: parent, child_execution_id: child, depth }) =>
      [ids.indexOf(parent), ids.indexOf(child), depth].join(' '),
    )
    .sort();
}

test('the closure of any tree holds each ancestor of each execution with its distance, and itself', async () => {
  const holds = fc.asyncProperty(anyTree, async (tree) => {
    const ids: number[] = [];
    for (const { way, parent } of tree) {
      ids.push(await begin(way, parent === null ? null : (ids[parent] ?? 0)));
    }
    const expected = tree
      .flatMap((_node, at) => ancestorsOf(tree, at).map(([above, depth]) => [above, at, depth]))
      .map((row) => row.join(' '));
    expect(await closureOf(ids)).toEqual(expected.sort());
  });
  await fc.assert(holds, { numRuns: 30 });
});

test('a clean-up takes from the closure what it removes, and nothing else', async () => {
  const old = fc.array(fc.boolean(), { minLength: 15, maxLength: 15 });
  const left = fc.asyncProperty(anyTree, old, async (tree, isOld) => {
    const ids: number[] = [];
    for (const [at, { parent }] of tree.entries()) {
      const startDate = isOld[at] ? '2001-01-01T00:00:00Z' : null;
      ids.push(await report(parent === null ? null : (ids[parent] ?? 0), startDate));
    }
    const cutoff = { pipelineId, runs: new Date('2010-01-01'), logs: null, artifacts: null };
    await cleanUp(db, [cutoff], startPace({ most: 4 }));

    const expected = tree.flatMap((_node, at) =>
      ancestorsOf(tree, at).flatMap(([above, depth]) =>
        isOld[at] || isOld[above] ? [] : [above, at, depth].join(' '),
      ),
    );
    expect(await closureOf(ids)).toEqual(expected.sort());
  });
  await fc.assert(left, { numRuns: 20 });
});

test('nobody ever sees an execution that has no place in the closure', async () => {
  const starting = Promise.all(
    Array.from({ length: 8 }, async (_item, lane) => {
      let parent: number | null = null;
      for (let at = 0; at < 10; at += 1) {
        parent = await begin((lane + at) % 2 === 0 ? 'started' : 'reported', parent);
      }
    }),
  );
  const ended = starting.then(() => true);
  const soon = () => Promise.race([ended, Promise.resolve(false)]);
  do {
    const { rows } = await sql`
      select e.id from pipeline_execution e
      where not exists (select from pipeline_execution_closure c
          where c.parent_execution_id = e.id and c.child_execution_id = e.id and c.depth = 0)
        or e.parent_id is not null and not exists (select from pipeline_execution_closure c
          where c.parent_execution_id = e.parent_id and c.child_execution_id = e.id
            and c.depth = 1)`.execute(db);
    expect(rows).toEqual([]);
  } while (!(await soon()));
});
