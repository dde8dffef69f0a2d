import fc from 'fast-check';
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openDb, type Db } from '../../db/database.ts';
import { receiveEvent } from '../../db/lineage/open-lineage-runs.ts';
import { createLog } from '../../runtime/log.ts';
import { createDatabase } from '../support/servers.ts';

let db: Db;
let pipelineId: number;

beforeAll(async () => {
  db = openDb(await createDatabase(), createLog('test', 'silent'), 8);
  const { rows } = await sql<{ id: number }>`
    with type as (insert into pipeline_type (name) values ('test') returning id)
    insert into pipeline (name, pipeline_type_id) select 'told', id from type returning id`.execute(
    db,
  );
  pipelineId = rows[0]?.id ?? 0;
});
afterAll(() => db.destroy());

/** For each run of a forest the run above it, which has a lower number; null: there is none. */
type Forest = readonly (number | null)[];

const forests: fc.Arbitrary<Forest> = fc
  .array(fc.option(fc.nat(), { freq: 6 }), { minLength: 2, maxLength: 10, size: 'max' })
  .map((picks) => picks.map((pick, at) => (pick === null || at === 0 ? null : pick % at)));

/** The order in which the runs of a forest are told of, and how many of them at once. */
const tellings = forests.chain((forest) =>
  fc.record({
    forest: fc.constant(forest),
    order: fc.shuffledSubarray([...forest.keys()], { minLength: forest.length }),
    atOnce: fc.integer({ min: 1, max: 5 }),
  }),
);

function start(runId: string, above: string | undefined): Promise<void> {
  return receiveEvent(db, {
    ...{ pipelineId, runId, type: 'START', time: '2026-01-01T10:00:00Z' },
    parent: above === undefined ? undefined : { runId: above, pipeline: 'told' },
    ...{ totalRows: undefined, metadata: undefined, inputs: [], outputs: [], columns: [] },
  });
}

/** `above below distance` of each pair, by what the runs are called. */
async function nestingOf(runs: readonly string[]): Promise<string[]> {
  const { rows } = await sql<{ above: string; below: string; depth: number }>`
    select above.run_id as above, below.run_id as below, c.depth
    from pipeline_execution_closure c
    join open_lineage_run above on above.execution_id = c.parent_execution_id
    join open_lineage_run below on below.execution_id = c.child_execution_id
    where below.run_id = any(${runs}::uuid[])`.execute(db);
  return rows
    .map(({ above, below, depth }) => `${runs.indexOf(above)} ${runs.indexOf(below)} ${depth}`)
    .sort();
}

function expectedOf(forest: Forest): string[] {
  return forest
    .flatMap((_above, run) => {
      const pairs: string[] = [];
      let distance = 0;
      for (let at: number | null = run; at !== null; at = forest[at] ?? null) {
        pairs.push(`${at} ${run} ${distance}`);
        distance += 1;
      }
      return pairs;
    })
    .sort();
}

test('runs that are told of in any order, several at once, end up nested as they say', async () => {
  const nested = fc.asyncProperty(tellings, async ({ forest, order, atOnce }) => {
    const runs = forest.map(() => randomUUID());
    for (let at = 0; at < order.length; at += atOnce) {
      const together = order.slice(at, at + atOnce);
      await Promise.all(together.map((run) => start(runs[run] ?? '', runs[forest[run] ?? -1])));
    }
    expect(await nestingOf(runs)).toEqual(expectedOf(forest));
  });
  await fc.assert(nested, { numRuns: 25 });
});

test('a chain whose links close all at once leaves no run out', async () => {
  const chain: Forest = [null, 0, 1, 2, 3, 4, 5, 6];
  for (let round = 0; round < 20; round += 1) {
    const runs = chain.map(() => randomUUID());
    const tell = (rest: number) => {
      const these = [...chain.entries()].filter(([run]) => run % 2 === rest);
      return Promise.all(these.map(([run, above]) => start(runs[run] ?? '', runs[above ?? -1])));
    };
    await tell(1);
    await tell(0);
    expect(await nestingOf(runs)).toEqual(expectedOf(chain));
  }
});

test('runs that name each other in a circle are left as they came, and each is its own', async () => {
  const runs = [randomUUID(), randomUUID(), randomUUID()];
  for (const [at, run] of runs.entries()) await start(run, runs[(at + 1) % runs.length]);

  const { rows } = await sql`
    select from pipeline_execution_closure c
    join open_lineage_run r on r.execution_id = c.parent_execution_id
    where c.child_execution_id = c.parent_execution_id and r.run_id = any(${runs}::uuid[])
      and c.depth = 0`.execute(db);
  expect(rows).toHaveLength(3);
  expect((await nestingOf(runs)).filter((pair) => !pair.endsWith(' 0'))).toHaveLength(3);
});
