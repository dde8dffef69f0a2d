import fc from 'fast-check';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openDb, type Db } from '../../db/database.ts';
import { lockPipeline, replaceEdges } from '../../db/lineage/edges.ts';
import { walkFrom } from '../../db/lineage/graph.ts';
import type { Direction } from '../../metadata/lineage/graph.ts';
import { createLog } from '../../runtime/log.ts';
import { createDatabase } from '../support/servers.ts';

const ADDRESSES = 7;

let db: Db;
let addresses: readonly number[];
let pipelines: readonly number[];

beforeAll(async () => {
  db = openDb(await createDatabase(), createLog('test', 'silent'), 4);
  addresses = await idsOf(sql`
    with type as (
      insert into address_type (name, group_name) values ('postgres', 'database') returning id)
    insert into address (name, address_type_id)
    select 'address ' || n, type.id from type, generate_series(1, ${ADDRESSES}::int) n returning id`);
  pipelines = await idsOf(sql`
    with type as (insert into pipeline_type (name) values ('test') returning id)
    insert into pipeline (name, pipeline_type_id)
    select 'pipeline ' || n, type.id from type, generate_series(1, 3) n returning id`);
});
afterAll(() => db.destroy());

async function idsOf(insert: ReturnType<typeof sql>): Promise<number[]> {
  const { rows } = (await insert.execute(db)) as { rows: { id: number }[] };
  return rows.map(({ id }) => id);
}

/** From one address to another, both by their place in the list. */
type Edge = readonly [from: number, to: number];

/** What pipelines say one after the other; each time it replaces what the same one said before. */
type History = readonly { readonly pipeline: number; readonly edges: readonly Edge[] }[];

const places = fc.nat(ADDRESSES - 1);
const histories: fc.Arbitrary<History> = fc.array(
  fc.record({
    pipeline: fc.nat(2),
    edges: fc.array(fc.tuple(places, places), { maxLength: 8, size: 'max' }),
  }),
  { minLength: 1, maxLength: 5, size: 'max' },
);

/** Everything said before is gone first. Answers the edges that are there in the end. */
async function tell(history: History): Promise<readonly Edge[]> {
  const last = new Map<number, readonly Edge[]>(pipelines.map((_id, at) => [at, []]));
  for (const { pipeline, edges } of [...[0, 1, 2].map(nothing), ...history]) {
    last.set(pipeline, edges);
    await db.transaction().execute(async (tx) => {
      await lockPipeline(tx, pipelines[pipeline] ?? 0);
      const stored = edges.map(([from, to]) => ({
        ...{ source: addresses[from] ?? 0, target: addresses[to] ?? 0, columns: [] },
      }));
      await replaceEdges(tx, pipelines[pipeline] ?? 0, stored);
    });
  }
  return [...last.values()].flat();
}

function nothing(pipeline: number): History[number] {
  return { pipeline, edges: [] };
}

/** Distances from a place, found by trying one more edge again and again. */
function byModel(edges: readonly Edge[], start: number, depth: number): Map<number, number> {
  const distances = new Map([[start, 0]]);
  for (let step = 1; step <= depth; step += 1) {
    for (const [from, to] of edges) {
      if (distances.get(from) === step - 1 && !distances.has(to)) distances.set(to, step);
    }
  }
  return distances;
}

const placeOf = (address: number) => addresses.indexOf(address);

test('a walk either way is that of a plain model, whatever was added and removed', async () => {
  const directions = fc.constantFrom<Direction>('downstream', 'upstream');
  const depths = fc.integer({ min: 1, max: ADDRESSES + 1 });
  await fc.assert(
    fc.asyncProperty(histories, places, directions, depths, async (history, at, way, depth) => {
      const edges = await tell(history);
      const walked = await walkFrom(db, addresses[at] ?? 0, way, depth);

      const ahead = way === 'downstream' ? edges : edges.map(([from, to]): Edge => [to, from]);
      const found = [...walked.distances].map(([id, far]) => [placeOf(id), far] as const);
      expect(new Map(found)).toEqual(byModel(ahead, at, depth));
    }),
    { numRuns: 30 },
  );
});

interface ClosureRow {
  readonly source: number;
  readonly target: number;
  readonly depth: number;
  readonly path: readonly number[];
}

test('the closure has each pair at its distance by edges that are there, and each self-loop', async () => {
  await fc.assert(
    fc.asyncProperty(histories, async (history) => {
      const edges = await tell(history);
      const { rows } = await sql<ClosureRow>`
        select source_address_id as source, target_address_id as target, depth, lineage_path as path
        from address_lineage_closure`.execute(db);

      const pairs = rows.map(({ source, target, depth }) =>
        [placeOf(source), placeOf(target), depth].join(' '),
      );
      const loops = new Set(edges.flatMap(([from, to]) => (from === to ? `${from} ${to} 1` : [])));
      const expected = addresses.flatMap((_id, at) =>
        [...byModel(edges, at, ADDRESSES)].map(([to, depth]) => [at, to, depth].join(' ')),
      );
      expect(pairs.sort()).toEqual([...expected, ...loops].sort());

      const there = new Set(edges.map((edge) => edge.join(' ')));
      for (const { source, target, depth, path } of rows) {
        expect([path.length, path[0], path.at(-1)]).toEqual([depth + 1, source, target]);
        const taken = path.slice(1).map((to, at) => [path[at] ?? 0, to].map(placeOf).join(' '));
        expect(taken.filter((edge) => !there.has(edge))).toEqual([]);
      }
    }),
    { numRuns: 30 },
  );
});
