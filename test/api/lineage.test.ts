import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Lineage } from '../../api/contract/lineage.ts';
import type { Problem } from '../../api/contract/problem.ts';
import { walkFrom } from '../../db/lineage/graph.ts';
import { lockPipeline, replaceEdges } from '../../db/lineage/edges.ts';
import { ask, declare, flow, reached, touched } from './lineage-world.ts';
import { startTestApi, type TestApi } from './test-api.ts';

let api: TestApi;

beforeAll(async () => {
  api = await startTestApi();
  const pipelines = await Promise.all(
    ['extract', 'clean', 'report', 'archive', 'loop'].map((name) => declare(api, name)),
  );
  const [extract = 0, clean = 0, report = 0, archive = 0, loop = 0] = pipelines;
  await flow(api, extract, ['crm.public.customers'], ['lake.raw.customers']);
  await flow(api, clean, ['lake.raw.customers'], ['lake.clean.customers']);
  await flow(api, report, ['lake.clean.customers'], ['bi.reports.customers']);
  await flow(api, archive, ['lake.raw.customers'], ['lake.clean.customers']);
  await flow(api, loop, ['bi.reports.customers'], ['lake.raw.customers']);
});
afterAll(async () => {
  await api.stop();
});

describe('a question about an address', () => {
  test('is answered with everything on the way, the nearest first, in cycles too', async () => {
    expect(await reached(api, 'downstream', 'address=crm.public.customers')).toEqual([
      '0 crm.public.customers',
      '1 lake.raw.customers',
      '2 lake.clean.customers',
      '3 bi.reports.customers',
    ]);
    expect(await reached(api, 'upstream', 'address=lake.clean.customers&depth=1')).toEqual([
      '0 lake.clean.customers',
      '1 lake.raw.customers',
    ]);
  });

  test('names every pipeline of an edge', async () => {
    const path = '/api/lineage/downstream?address=lake.raw.customers&depth=1';
    const { body } = await ask<Lineage>(api, 'GET', path);
    expect(body.edges.map(({ pipelines }) => [...pipelines].sort())).toEqual([
      ['archive', 'clean'],
    ]);
    expect(Lineage.strict().parse(body)).toEqual(body);
  });

  test('takes an id, or the end of a name, as long as it is clear', async () => {
    const { body } = await ask<Lineage>(
      api,
      'GET',
      '/api/lineage/upstream?address=reports.Customers',
    );
    expect(body.address.name).toBe('bi.reports.customers');
    const byId = await ask<Lineage>(api, 'GET', `/api/lineage/upstream?address=${body.address.id}`);
    expect(byId.body).toEqual(body);
    const unclear = await ask<Problem>(api, 'GET', '/api/lineage/upstream?address=customers');
    expect(unclear).toMatchObject({ status: 400, body: { code: 'request.invalid' } });
    expect(unclear.body.errors).toContainEqual({ name: 'lake.raw.customers' });
    const unknown = await ask<Problem>(api, 'GET', '/api/lineage/upstream?address=nowhere');
    expect(unknown).toMatchObject({ status: 404, body: { code: 'address.not_found' } });
  });

  test('is refused when it can not be meant', async () => {
    for (const query of [
      '',
      'address=',
      'address=a&depth=0',
      'address=a&depth=x',
      'address=a&b=c',
    ]) {
      expect((await ask(api, 'GET', `/api/lineage/impact?${query}`)).status).toBe(400);
    }
  });
});

test('the impact of a change is the pipelines it reaches, by distance, with what they carry on', async () => {
  const { pipelines } = await touched(api, 'address=crm.public.customers');
  expect(pipelines.map(({ depth, name }) => `${depth} ${name}`)).toEqual([
    '1 extract',
    '2 clean',
    '2 archive',
    '3 report',
    '4 loop',
  ]);
  expect(pipelines[1]).toMatchObject({
    reads: ['lake.raw.customers'],
    writes: ['lake.clean.customers'],
  });
});

test('walks over stored edges are those of a plain model, whatever is added and removed', async () => {
  const names = Array.from({ length: 7 }, (_, at) => `model.${at}`);
  const pipelines = await Promise.all([1, 2, 3].map((at) => declare(api, `model_${at}`)));
  const ids: number[] = [];
  for (const name of names) {
    await flow(api, pipelines[0] ?? 0, [name], [name]);
    const { body } = await ask<Lineage>(
      api,
      'GET',
      `/api/lineage/upstream?address=${name}&depth=1`,
    );
    ids.push(body.address.id);
  }
  const nodes = fc.nat(ids.length - 1);
  const posts = fc.array(
    fc.record({ pipeline: fc.nat(2), edges: fc.array(fc.tuple(nodes, nodes), { maxLength: 8 }) }),
    { minLength: 1, maxLength: 5 },
  );
  const model = new Map<number, (readonly [number, number])[]>();
  await fc.assert(
    fc.asyncProperty(
      posts,
      nodes,
      fc.integer({ min: 1, max: 9 }),
      async (history, start, depth) => {
        for (const { pipeline, edges } of history) {
          model.set(pipeline, edges);
          await store(pipelines[pipeline] ?? 0, edges);
        }
        const edges = [...model.values()].flat();
        const found = await walkFrom(api.db, ids[start] ?? 0, 'downstream', depth);
        const expected = new Map(
          [...byModel(edges, start, depth)].map(([at, far]) => [ids[at], far]),
        );
        expect(new Map(found.distances)).toEqual(expected);
      },
    ),
    { numRuns: 30 },
  );

  function store(
    pipeline: number,
    edges: readonly (readonly [number, number])[],
  ): Promise<unknown> {
    return api.db.transaction().execute(async (tx) => {
      await lockPipeline(tx, pipeline);
      const stored = edges.map(([source, target]) => ({
        ...{ source: ids[source] ?? 0, target: ids[target] ?? 0, columns: [] },
      }));
      await replaceEdges(tx, pipeline, stored);
    });
  }
});

/** Distances by trying one more step again and again. */
function byModel(edges: readonly (readonly [number, number])[], start: number, depth: number) {
  const distances = new Map([[start, 0]]);
  for (let step = 1; step <= depth; step += 1) {
    for (const [source, target] of edges) {
      if (distances.get(source) === step - 1 && !distances.has(target)) distances.set(target, step);
    }
  }
  return distances;
}
