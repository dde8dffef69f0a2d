import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask, declare, flow, place, reached } from './lineage-world.ts';
import { startTestApi, type TestApi } from './test-api.ts';

let api: TestApi;

beforeAll(async () => {
  api = await startTestApi();
});
afterAll(async () => {
  await api.stop();
});

interface Address {
  readonly id: number;
  readonly schema_name: string | null;
  readonly address_metadata: object | null;
  readonly updated_at: string | null;
}

/** How many answered 201, and how many 200. */
function countOf(
  answers: readonly { readonly status: number }[],
): [created: number, known: number] {
  const having = (status: number) => answers.filter((answer) => answer.status === status).length;
  return [having(201), having(200)];
}

function rush<Body>(path: string, body: object) {
  return Promise.all(Array.from({ length: 200 }, () => ask<Body>(api, 'POST', path, body)));
}

test('a type of addresses that 200 create at once is one row, and one of them is told so', async () => {
  const answers = await rush<Address>('/address_type', { name: 'crowded', group_name: 'database' });

  expect(countOf(answers)).toEqual([1, 199]);
  expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
  const { rows } = await sql`select from address_type where name = 'crowded'`.execute(api.db);
  expect(rows).toHaveLength(1);
});

describe('an address', () => {
  test('is created once, however it is written', async () => {
    const first = await ask<Address>(api, 'POST', '/address', place('Shop.Public.Orders '));
    const second = await ask<Address>(api, 'POST', '/address', place('shop.public.orders'));
    expect([first.status, second.status]).toEqual([201, 200]);
    expect(second.body).toEqual(first.body);
    const { body } = await ask<Address>(api, 'GET', `/address/${first.body.id}`);
    expect(body).toMatchObject({ schema_name: 'public', updated_at: null });
  });

  test('is written again only when something else is told of it, and keeps what is left out', async () => {
    const { id } = (
      await ask<Address>(api, 'POST', '/address', place('kept', { primary_key: 'k' }))
    ).body;
    await ask(api, 'POST', '/address', place('kept', { address_metadata: { Owner: 'Ann' } }));
    const { body } = await ask<Address>(api, 'GET', `/address/${id}`);
    expect(body).toMatchObject({ primary_key: 'k', address_metadata: { Owner: 'Ann' } });
    expect(body.updated_at).not.toBeNull();
  });

  test('that 200 create at once is one row, and one of them is told so', async () => {
    const answers = await rush<Address>('/address', place('rush'));
    expect(countOf(answers)).toEqual([1, 199]);
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
  });

  test('can be changed, its metadata too', async () => {
    const { id } = (await ask<Address>(api, 'POST', '/address', place('old'))).body;
    const change = { id, name: 'new', address_metadata: { a: 1 } };
    const { status, body } = await ask<Address>(api, 'PATCH', '/address', change);
    expect([status, body]).toMatchObject([200, { id, name: 'new', address_metadata: { a: 1 } }]);
  });

  test('refuses what can not be', async () => {
    await ask(api, 'POST', '/address', place('taken'));
    const { id } = (await ask<Address>(api, 'POST', '/address', place('mine'))).body;
    const statusOf = async (method: string, path: string, body?: object) =>
      (await ask(api, method, path, body)).status;
    expect(await statusOf('PATCH', '/address', { id, name: 'taken' })).toBe(400);
    expect(await statusOf('PATCH', '/address', { id, address_type_id: 99_999 })).toBe(404);
    expect(await statusOf('PATCH', '/address', { name: 'nowhere' })).toBe(404);
    expect(await statusOf('GET', '/address/99999')).toBe(404);
    expect(await statusOf('GET', '/address_type/99999')).toBe(404);
    expect(await statusOf('POST', '/address', { name: 'x' })).toBe(422);
  });
});

describe('the lineage that a client posts', () => {
  test('answers 201 when something is new, and 200 when nothing is', async () => {
    const id = await declare(api, 'answers');
    const first = await flow(api, id, ['s1', 's2'], ['t1']);
    expect(first).toMatchObject({ status: 201, body: { lineage_relationships_created: 2 } });
    expect(first.body.message).toBe(`lineage relationships created for pipeline ${id}`);
    expect((await flow(api, id, ['s1', 's2'], ['t1'])).status).toBe(200);
    expect((await flow(api, id, ['s1', 's3'], ['t1'])).status).toBe(201);
  });

  test('replaces what the pipeline posted before', async () => {
    const id = await declare(api, 'moves');
    await flow(api, id, ['from_a'], ['to_a']);
    await flow(api, id, ['from_b'], ['to_b']);
    expect(await reached(api, 'downstream', 'address=from_a')).toEqual(['0 from_a']);
    expect(await reached(api, 'downstream', 'address=from_b')).toEqual(['0 from_b', '1 to_b']);
  });

  test('is not taken for a pipeline that there is not, or that takes none', async () => {
    const id = await declare(api, 'closed');
    await ask(api, 'PATCH', '/pipeline', { id, load_lineage: false });
    for (const pipeline of [id, 99_999]) {
      expect(await flow(api, pipeline, ['never'], ['seen'])).toMatchObject({
        status: 200,
        body: {
          lineage_relationships_created: 0,
          message: `pipeline ${pipeline} does not have load_lineage=true. no lineage relationships created.`,
        },
      });
    }
    expect((await ask(api, 'GET', '/api/lineage/upstream?address=seen')).status).toBe(404);
  });

  test('of 100 at once, with addresses in every order, leaves the edges of each', async () => {
    const pipelines = await Promise.all(
      Array.from({ length: 20 }, (_, at) => declare(api, `crowd_${at}`)),
    );
    const names = Array.from({ length: 10 }, (_, at) => `crowd.address.${at}`);
    const posts = Array.from({ length: 100 }, (_, at) => {
      const order = at % 2 === 0 ? names : [...names].reverse();
      return flow(api, pipelines[at % 20] ?? 0, order.slice(0, 5), order.slice(5));
    });
    const statuses = (await Promise.all(posts)).map(({ status }) => status);
    expect(statuses.filter((status) => status !== 200 && status !== 201)).toEqual([]);
    const { rows } = await sql<{ edges: number; pipelines: number }>`
      select count(*) as edges, count(distinct l.pipeline_id) as pipelines
      from address_lineage l join address a on a.id = l.source_address_id
      where a.name like 'crowd.address.%'`.execute(api.db);
    expect(rows[0]).toEqual({ edges: 500, pipelines: 20 });
  });

  test('that 200 post at once is there once, and one of them is told so', async () => {
    const id = await declare(api, 'rushed');
    const names = Array.from({ length: 10 }, (_, at) => `rushed.address.${at}`);
    const [sources, targets] = [names.slice(0, 5), names.slice(5)];
    const posts = Array.from({ length: 200 }, () => flow(api, id, sources, targets));

    expect(countOf(await Promise.all(posts))).toEqual([1, 199]);
    const { rows } = await sql`
      select from address_lineage where pipeline_id = ${id}`.execute(api.db);
    expect(rows).toHaveLength(25);
  });

  test('may be the same as that of another pipeline', async () => {
    const [one, other] = [await declare(api, 'twin_one'), await declare(api, 'twin_other')];
    await flow(api, one, ['twin_s'], ['twin_t']);
    expect((await flow(api, other, ['twin_s'], ['twin_t'])).status).toBe(201);
    await flow(api, one, [], []);
    expect(await reached(api, 'downstream', 'address=twin_s')).toEqual(['0 twin_s', '1 twin_t']);
  });
});

describe('the closure, as SQL written for Watcher reads it', () => {
  test('has each pair once in cycles and diamonds, and self-loops at depth 1', async () => {
    const id = await declare(api, 'closure');
    const others = await Promise.all(
      ['b', 'c', 'd', 'loop'].map((name) => declare(api, `closure_${name}`)),
    );
    await flow(api, id, ['ca'], ['cb', 'cc']);
    await flow(api, others[0] ?? 0, ['cb', 'cc'], ['cd']);
    await flow(api, others[1] ?? 0, ['cd'], ['ca']);
    await flow(api, others[2] ?? 0, ['cd'], ['cd']);
    const { rows } = await sql<{ target: string; depth: number; path: string }>`
      select t.name as target, c.depth,
        (select string_agg(p.name, ' ' order by n) from unnest(c.lineage_path) with ordinality u(id, n)
          join address p on p.id = u.id) as path
      from address_lineage_closure c
      join address s on s.id = c.source_address_id join address t on t.id = c.target_address_id
      where c.source_address_id = (select id from address where name = 'cd')
      order by c.depth, t.name`.execute(api.db);
    expect(rows.map(({ target, depth, path }) => `${depth} ${target}: ${path}`)).toEqual([
      '0 cd: cd',
      '1 ca: cd ca',
      '1 cd: cd cd',
      '2 cb: cd ca cb',
      '2 cc: cd ca cc',
    ]);
  });
});

describe('the graph of Watcher', () => {
  interface Graph {
    readonly nodes: readonly { name: string; address_type_group_name: string }[];
    readonly edges: readonly { depth: number; lineage_path: number[]; pipeline_name: string }[];
  }

  async function graphOf(address: string): Promise<Graph> {
    const path = '/lineage-graph/addresses';
    const { body: addresses } = await ask<{ id: number; name: string }[]>(api, 'GET', path);
    const id = addresses.find(({ name }) => name === address)?.id ?? 0;
    return (await ask<Graph>(api, 'GET', `/lineage-graph/?source_address_id=${id}`)).body;
  }

  test('is an address with all that flows into it and out of it', async () => {
    const [one, two] = [await declare(api, 'graph_one'), await declare(api, 'graph_two')];
    await flow(api, one, ['ga'], ['gb']);
    await flow(api, two, ['gb'], ['gc', 'gb']);
    const { edges, nodes } = await graphOf('gb');
    expect(nodes.map(({ name }) => name).sort()).toEqual(['ga', 'gb', 'gc']);
    expect(edges.map(({ pipeline_name }) => pipeline_name).sort()).toEqual([
      'graph_one',
      'graph_two',
      'graph_two',
    ]);
    expect(edges.every(({ depth }) => depth === 1)).toBe(true);
  });

  test('shows what else is made from the sources of an address, and not what is beyond that', async () => {
    const [one, two] = [await declare(api, 'beside_one'), await declare(api, 'beside_two')];
    await flow(api, one, ['beside_s1', 'beside_s2'], ['beside_t1', 'beside_t2']);
    await flow(api, two, ['beside_t2'], ['beside_far']);
    const { edges, nodes } = await graphOf('beside_t1');
    expect(nodes.map(({ name }) => name).sort()).toEqual([
      ...['beside_s1', 'beside_s2', 'beside_t1', 'beside_t2'],
    ]);
    expect(edges.map(({ pipeline_name }) => pipeline_name)).toEqual(Array(4).fill('beside_one'));
  });

  test('needs an address, and nobody to refresh it', async () => {
    expect((await ask(api, 'GET', '/lineage-graph/')).status).toBe(422);
    expect(await ask(api, 'POST', '/lineage-graph/refresh')).toMatchObject({
      status: 200,
      body: { status: 'success' },
    });
  });

  test('has a page', async () => {
    const page = await fetch(`${api.url}/lineage-graph`);
    expect(page.headers.get('content-type')).toContain('text/html');
    expect(await page.text()).toContain('/lineage-graph/addresses');
  });
});
