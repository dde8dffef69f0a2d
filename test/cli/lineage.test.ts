import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Impact, Lineage } from '../../api/contract/lineage.ts';
import { packageRoot } from '../../runtime/paths.ts';
import { declare, flow } from '../api/lineage-world.ts';
import { startTestApi, type TestApi } from '../api/test-api.ts';
import { highwater } from '../support/highwater.ts';

let api: TestApi;

beforeAll(async () => {
  api = await startTestApi();
  await flow(api, await declare(api, 'load'), ['shop.public.orders'], ['lake.raw.orders']);
  await flow(api, await declare(api, 'sum'), ['lake.raw.orders'], ['bi.main.sums']);
});
afterAll(() => api.stop());

const ask = (...args: string[]) =>
  highwater(args, packageRoot, { HIGHWATER_API: api.url, NO_COLOR: '1' });

test('lineage shows both directions, or one of them', async () => {
  const { out } = await ask('lineage', 'raw.orders');
  expect(out).toContain('lake.raw.orders');
  expect(out).toContain('1      shop.public.orders  load');
  expect(out).toContain('1      bi.main.sums  sum');
  const upstream = await ask('lineage', 'sums', '--upstream', '--depth', '1', '--json');
  const [answer, ...others] = JSON.parse(upstream.out) as Lineage[];
  expect(others).toEqual([]);
  expect(answer?.addresses.map(({ name }) => name)).toEqual(['bi.main.sums', 'lake.raw.orders']);
});

test('impact counts what a change touches', async () => {
  const { out } = await ask('impact', 'shop.public.orders');
  expect(out).toContain('2 pipelines, 2 addresses');
  const json = JSON.parse((await ask('impact', 'shop.public.orders', '--json')).out) as Impact;
  expect(json.pipelines.map(({ name }) => name)).toEqual(['load', 'sum']);
});

test('an unclear address is the fault of whoever asks, and names the candidates', async () => {
  const { code, err } = await ask('lineage', 'orders');
  expect(code).toBe(1);
  expect(err).toContain('lake.raw.orders, shop.public.orders');
});
