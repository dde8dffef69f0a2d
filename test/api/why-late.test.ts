import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WhyLate } from '../../api/contract/why-late.ts';
import { beginCheck } from '../../db/standings/watch.ts';
import { until } from '../support/until.ts';
import { startTestApi, type TestApi } from './test-api.ts';

let api: TestApi;

beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.stop());

const hoursAgo = (hours: number) => new Date(Date.now() - hours * 3_600_000).toISOString();

/** A pipeline that others run, whose data should be a day old at most. */
async function report(name: string): Promise<number> {
  const settings = { freshness_number: 1, freshness_datepart: 'day' };
  const body = { name, pipeline_type_name: 'reported', ...settings };
  return (await api.post('/pipeline', body)).body.id;
}

async function ran(pipeline_id: number, began: number, fields: object = {}): Promise<number> {
  const { id } = (
    await api.post('/start_pipeline_execution', { pipeline_id, start_date: hoursAgo(began) })
  ).body;
  const end = { id, end_date: hoursAgo(began - 0.5), completed_successfully: true, ...fields };
  const response = await fetch(`${api.url}/end_pipeline_execution`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(end),
  });
  expect(response.status).toBe(204);
  return id;
}

async function flow(pipeline_id: number, source: string, target: string): Promise<void> {
  const address = (name: string) => ({
    ...{ name, address_type_name: 'warehouse', address_type_group_name: 'database' },
  });
  const body = {
    ...{ pipeline_id, source_addresses: [address(source)] },
    target_addresses: [address(target)],
  };
  expect((await api.post('/address_lineage', body)).status).toBeLessThan(300);
}

async function why(name: string): Promise<WhyLate> {
  const { status, body } = await api.get(`/api/pipelines/${name}/why-late`);
  expect(status).toBe(200);
  return WhyLate.parse(body);
}

/** A pipeline of a file, with what it promises; nothing was ever down. */
async function define(name: string, promise: string, block?: string): Promise<number> {
  const blocks = ['one: { kind: loader, file: numbers.sql }', ...(block ? [block] : [])];
  await api.write({
    [`pipelines/${name}.yaml`]: `${promise}\nblocks:\n  ${blocks.join('\n  ')}\n`,
  });
  await until(async () => (await api.get(`/api/pipelines/${name}/why-late`)).status === 200);
  await sql`delete from watch_gap`.execute(api.db);
  const { id } = await api.db
    .selectFrom('pipeline')
    .select('id')
    .where('name', '=', name)
    .executeTakeFirstOrThrow();
  return id;
}

async function wasDown(since: number, until: number): Promise<void> {
  await sql`
    insert into watch_gap (since, until) values (${hoursAgo(since)}, ${hoursAgo(until)})`.execute(
    api.db,
  );
}

async function downtimes(name: string): Promise<string[]> {
  const { causes } = await why(name);
  return causes.flatMap(({ kind, message }) => (kind === 'stack_down' ? [message] : []));
}

test('an upstream pipeline that fails explains why a downstream one is late, also in a circle', async () => {
  const [orders, shop] = [await report('orders'), await report('shop')];
  await flow(shop, 'shop.out.marts', 'db.raw.orders');
  await flow(orders, 'db.raw.orders', 'shop.out.marts');
  await ran(shop, 40, { inserts: 3 });
  const failed = await ran(shop, 20, { completed_successfully: false });
  await ran(orders, 39, { inserts: 3 });

  const { late, causes, chain } = await why('orders');

  expect(late).toBe(true);
  const [upstream, failing] = causes;
  expect(upstream).toMatchObject({ kind: 'upstream_stale', depth: 0, pipeline: 'orders' });
  expect(upstream?.evidence).toContainEqual({ key: 'read through', value: 'db.raw.orders' });
  expect(failing).toMatchObject({ kind: 'failing', depth: 1, pipeline: 'shop', run: failed });
  expect(chain).toEqual([upstream?.message, failing?.message]);
  expect((await why('shop')).causes[0]).toMatchObject({ kind: 'failing', depth: 0 });
});

test('whoever only writes what another one only reads, or makes it begin or wait, is upstream of it', async () => {
  const writes = 'out: { kind: exporter, inputs: [one], to: { file: orders.csv } }';
  const gather = await define('gather', 'freshness: { number: 1, datepart: day }', writes);
  const promise = 'timeliness: { number: 1, datepart: day }';
  await define('reads', promise, 'read: { kind: loader, from: { file: orders.csv } }');
  await define('waits', promise, 'wait: { kind: sensor, until: { pipeline: gather } }');
  const rule = '{ type: highwater.run.finished, source: highwater/pipelines/gather }';
  await define('follows', `${promise}\ntriggers: { after: { event: ${rule} } }`);
  const filter = `"event.data.pipeline == 'gather' && event.data.state == 'succeeded'"`;
  const filtered = `{ type: highwater.run.finished, filter: ${filter} }`;
  await define('filters', `${promise}\ntriggers: { after: { event: ${filtered} } }`);
  await api.db
    .updateTable('pipeline')
    .set({ created_at: new Date(Date.now() - 3 * 86_400_000) })
    .where('id', '=', gather)
    .execute();

  for (const [name, through] of [
    ['reads', expect.stringMatching(/^file:.*orders\.csv$/) as string],
    ['waits', 'sensor wait'],
    ['follows', 'trigger after'],
    ['filters', 'trigger after'],
  ] as const) {
    // Lineage is found a moment after a plan is registered.
    const upstream = await until(async () =>
      (await why(name)).causes.find(({ kind }) => kind === 'upstream_stale'),
    );
    expect(upstream.message).toMatch(/^gather upstream is late: Has never written/);
    expect(upstream.evidence).toContainEqual({ key: 'read through', value: through });
  }
});

test('a pipeline whose last run was cancelled is told so, and of the failures before it', async () => {
  const stopped = await report('stopped');
  await ran(stopped, 40, { inserts: 3 });
  const failed = await ran(stopped, 20, { completed_successfully: false });
  const cancelled = await ran(stopped, 10, { completed_successfully: false });
  await sql`
    update pipeline_execution set state = 'cancelled' where id = ${cancelled}`.execute(api.db);

  const { causes } = await why('stopped');

  expect(causes.map(({ kind, run }) => [kind, run])).toEqual([
    ['failing', failed],
    ['cancelled', cancelled],
  ]);
});

test('a pipeline that stopped running has not started, for longer than usual', async () => {
  const hourly = await report('hourly');
  for (const hour of [33, 32, 31, 30]) await ran(hourly, hour, { inserts: 1 });

  const { causes } = await why('hourly');

  expect(causes[0]).toMatchObject({ kind: 'not_started' });
  expect(causes[0]?.message).toMatch(/usually does every 1h$/);
});

test('a pipeline that never ran says so', async () => {
  const never = await report('never');
  await sql`update pipeline set created_at = now() - interval '3 days' where id = ${never}`.execute(
    api.db,
  );

  expect((await why('never')).chain).toEqual(['never has never run']);
});

test('runs that write nothing are told from runs that do not come', async () => {
  const idle = await report('idle');
  await ran(idle, 40, { inserts: 3 });
  for (const hour of [3, 2, 1]) await ran(idle, hour, { inserts: 0, total_rows: 0 });

  const { causes } = await why('idle');

  expect(causes.map(({ kind }) => kind)).toEqual(['wrote_nothing']);
  expect(causes[0]?.message).toMatch(/^3 runs have succeeded since .* without writing a row$/);
});

test('a run that takes much longer than usual is slow', async () => {
  const slow = await report('slow');
  for (const hour of [10, 9, 8]) await ran(slow, hour);
  const start = { pipeline_id: slow, start_date: hoursAgo(5) };
  const { id } = (await api.post('/start_pipeline_execution', start)).body;

  const { causes } = await why('slow');

  expect(causes).toMatchObject([{ kind: 'slow', run: id, block: null }]);
  expect(causes[0]?.message).toMatch(/has taken 5h\d*s?, usually 30m$/);
});

test('without a worker nothing of our own runs: what was asked for waits, and deadlines go unchecked', async () => {
  const { id } = (await api.post('/api/pipelines/numbers/runs', {})).body;
  await until(async () => (await api.get(`/api/runs/${id}`)).body.id === id);
  await sql`
    update pipeline_execution set requested_at = now() - interval '1 hour' where id = ${id}`.execute(
    api.db,
  );

  const kinds = (await why('numbers')).causes.map(({ kind, run }) => [kind, run]);

  expect(kinds).toEqual([
    ['no_worker', null],
    ['queued', id],
  ]);
});

test('a time in which nobody checked deadlines is the downtime of the stack', async () => {
  await api.write({
    'pipelines/nightly.yaml': 'blocks:\n  one: { kind: loader, file: numbers.sql }\n',
  });
  await until(async () => (await api.get('/api/pipelines/nightly/why-late')).status === 200);
  await sql`update watch set checked_at = now() - interval '2 hours'`.execute(api.db);
  await sql`
    update pipeline set created_at = now() - interval '3 hours' where name = 'nightly'`.execute(
    api.db,
  );

  const now = (await why('nightly')).causes.find(({ kind }) => kind === 'stack_down');
  expect(now?.message).toMatch(
    /^The stack was down for 2h.* since nightly became known, until now$/,
  );

  await beginCheck(api.db);
  const past = (await why('nightly')).causes.find(({ kind }) => kind === 'stack_down');
  expect(past?.message).toMatch(/^The stack was down for 2h.* until \d{4}-/);
});

test('a downtime explains a lateness after a run has begun to catch up, and no longer when it wrote', async () => {
  const daily = await define('daily', 'freshness: { number: 1, datepart: day }');
  await ran(daily, 40, { inserts: 3 });
  await wasDown(50, 45);
  await wasDown(20, 10);

  const before = await downtimes('daily');
  const start = { pipeline_id: daily, start_date: hoursAgo(1) };
  expect((await api.post('/start_pipeline_execution', start)).status).toBe(201);
  const catchingUp = await downtimes('daily');
  await ran(daily, 0.5, { inserts: 3 });

  expect(before).toEqual([
    expect.stringMatching(/^The stack was down for 10h since daily last succeeded, until \d{4}-/),
  ]);
  expect(catchingUp).toEqual(before);
  expect(await downtimes('daily')).toEqual([]);
});

test('a downtime within a run explains that it ended late, also when it wrote', async () => {
  const long = await define('long', 'timeliness: { number: 1, datepart: hour }');
  await ran(long, 6, { end_date: hoursAgo(1), inserts: 3 });
  await wasDown(10, 8);
  expect((await why('long')).late).toBe(true);
  expect(await downtimes('long')).toEqual([]);

  await wasDown(4, 2);

  expect(await downtimes('long')).toEqual([
    expect.stringMatching(/^The stack was down for 2h since long last began to run, until \d{4}-/),
  ]);
});

test('a downtime is told since the last success, however often runs have failed since', async () => {
  const flaky = await define('flaky', 'freshness: { number: 1, datepart: day }');
  await ran(flaky, 40, { inserts: 3 });
  const failed = await ran(flaky, 20, { completed_successfully: false });
  await sql`
    insert into pipeline_execution (pipeline_id, trigger_kind, state, start_date, end_date)
    select pipeline_id, trigger_kind, state, start_date, end_date
    from pipeline_execution, generate_series(1, 300) where id = ${failed}`.execute(api.db);

  await wasDown(30, 28);

  expect(await downtimes('flaky')).toEqual([
    expect.stringMatching(/^The stack was down for 2h since flaky last succeeded, until \d{4}-/),
  ]);
  const failing = (await why('flaky')).causes.find(({ kind }) => kind === 'failing');
  expect(failing?.message).toMatch(
    /^flaky fails: run \d+ ended as failed, the last of 301 in a row/,
  );
});

test('a pipeline of which nothing is wrong has no causes', async () => {
  const well = await report('well');
  await ran(well, 1, { inserts: 1 });

  expect(await why('well')).toMatchObject({ late: false, causes: [], chain: [] });
});

test('a pipeline that there is not is not found', async () => {
  const { status, body } = await api.get('/api/pipelines/nobody/why-late');
  expect([status, body.code]).toEqual([404, 'pipeline.not_found']);
});
