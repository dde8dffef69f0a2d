import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Lineage } from '../../api/contract/lineage.ts';
import type { Problem } from '../../api/contract/problem.ts';
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

test('a wide graph is told whole: every name as it is, every pipeline of an edge, no edge twice', async () => {
  const names = Array.from({ length: 700 }, (_, at) => `wide.${at} ${ODD[at % ODD.length]}`);
  const { rows } = await sql<{ id: number }>`
    insert into address (name, address_type_id)
    select name, (select min(id) from address_type)
    from unnest(${names}::text[]) with ordinality as n(name, at) order by at
    returning id`.execute(api.db);
  const ids = rows.map(({ id }) => id);
  const pipelines = [await declare(api, 'wide_one'), await declare(api, 'wide_two')];
  for (const pipeline of pipelines) {
    await sql`
      insert into address_lineage (pipeline_id, source_address_id, target_address_id)
      select ${pipeline}, ids[1 + at / 30], ids[1 + at]
      from (select ${ids}::int[] as ids) i, generate_series(1, ${ids.length - 1}) at
      order by md5(at::text)`.execute(api.db);
  }

  const path = `/api/lineage/downstream?address=${ids[0]}`;
  const { body } = await ask<Lineage>(api, 'GET', path);
  expect(body.addresses.map(({ name }) => name).sort()).toEqual([...names].sort());
  expect(body.edges.map(({ target }) => target).sort()).toEqual(ids.slice(1).sort());
  const through = body.edges.map(({ pipelines }) => [...pipelines].sort().join());
  expect(new Set(through)).toEqual(new Set(['wide_one,wide_two']));
});

/** Ends of names that take one to four bytes a character, or that some format would read otherwise. */
const ODD = ['', 'Ä', '漢字', '🙂', 'a\nb', '"\\', ','];
