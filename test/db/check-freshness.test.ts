import { afterAll, beforeAll, expect, test } from 'vitest';
import { openDeadlineWorld, type DeadlineWorld } from '../support/deadline-world.ts';

let world: DeadlineWorld;

beforeAll(async () => {
  world = await openDeadlineWorld();
});
afterAll(() => world.close());

async function logged(pipeline: number) {
  return world.db
    .selectFrom('freshness_pipeline_log')
    .select(['last_dml_timestamp', 'freshness_number', 'freshness_datepart', 'used_child_config'])
    .where('pipeline_id', '=', pipeline)
    .orderBy('id')
    .execute();
}

test('data that are older than their threshold are late: logged and told once', async () => {
  const sales = await world.addPipeline('sales', { freshness: [1, 'hour'] });
  await world.write(sales, 61);

  await world.check();
  await world.check();

  expect(await world.standing(sales, 'freshness')).toBe('late: no_new_data');
  expect(await world.told()).toEqual([`freshness/${sales}`]);
  const { last_target_insert } = await world.db
    .selectFrom('pipeline')
    .select('last_target_insert')
    .where('id', '=', sales)
    .executeTakeFirstOrThrow();
  expect(await logged(sales)).toEqual([
    {
      last_dml_timestamp: last_target_insert,
      ...{ freshness_number: 1, freshness_datepart: 'hour', used_child_config: true },
    },
  ]);
});

test('a new write ends the lateness, is told, and becomes history', async () => {
  const orders = await world.addPipeline('orders', { freshness: [1, 'hour'] });
  await world.write(orders, 90);
  await world.check();
  await world.write(orders, 1);
  await world.told();

  await world.check();

  expect(await world.standing(orders, 'freshness')).toBe('fresh: wrote');
  expect(await world.told()).toEqual([`freshness/${orders} recovered`]);
  const [late, fresh] = await world.db
    .selectFrom('pipeline_standing')
    .select(['state', 'since', 'until'])
    .where('pipeline_id', '=', orders)
    .orderBy('id')
    .execute();
  expect(late).toMatchObject({ state: 'late', until: fresh?.since });
  expect(Date.now() - (late?.since.getTime() ?? 0)).toBeGreaterThan(29 * 60_000);
  expect(Date.now() - (late?.since.getTime() ?? 0)).toBeLessThan(31 * 60_000);
});

test('a write that was late itself is logged and told again', async () => {
  const stock = await world.addPipeline('stock', { freshness: [1, 'hour'] });
  await world.write(stock, 300);
  await world.check();
  await world.write(stock, 120);
  await world.told();

  await world.check();

  expect(await logged(stock)).toHaveLength(2);
  expect(await world.told()).toEqual([`freshness/${stock}`]);
});

test('a pipeline that never wrote is late too', async () => {
  const silent = await world.addPipeline('silent', { freshness: [1, 'day'] });
  await world.check();
  expect(await world.standing(silent, 'freshness')).toBe('waiting: never_wrote');

  await world.set(silent, { created_at: new Date(Date.now() - 25 * 3_600_000) });
  await world.check();

  expect(await world.standing(silent, 'freshness')).toBe('late: never_wrote');
  expect(await world.told()).toEqual([`freshness/${silent}`]);
  expect(await logged(silent)).toEqual([]);
});

test('a muted pipeline is late without a word, until it is unmuted', async () => {
  const muted = await world.addPipeline('muted', { freshness: [1, 'hour'] });
  await world.write(muted, 90);
  await world.set(muted, { mute_freshness_check: true });

  await world.check();
  expect(await world.standing(muted, 'freshness')).toBe('late: no_new_data');
  expect(await world.told()).toEqual([]);
  expect(await logged(muted)).toEqual([]);

  await world.set(muted, { mute_freshness_check: false });
  await world.check();
  expect(await world.told()).toEqual([`freshness/${muted}`]);
  expect(await logged(muted)).toHaveLength(1);
});

test("a type's threshold and mute are its pipelines'", async () => {
  const typed = await world.addPipeline('typed', { type: 'audit' });
  await world.write(typed, 90);
  const setType = (columns: object) =>
    world.db.updateTable('pipeline_type').set(columns).where('name', '=', 'audit').execute();
  await setType({ freshness_number: 1, freshness_datepart: 'hour', mute_freshness_check: true });
  await world.check();
  expect(await world.told()).toEqual([]);

  await setType({ mute_freshness_check: false });
  await world.check();

  expect(await world.told()).toEqual([`freshness/${typed}`]);
  expect(await logged(typed)).toMatchObject([{ used_child_config: false }]);
});

test('nothing is expected of an inactive pipeline, and what was open is over', async () => {
  const retired = await world.addPipeline('retired', { freshness: [1, 'hour'] });
  await world.write(retired, 90);
  await world.check();
  await world.told();

  await world.set(retired, { active: false });
  await world.check();

  expect(await world.standing(retired, 'freshness')).toBe('off: inactive');
  expect(await world.told()).toEqual([`freshness/${retired} recovered`]);
});

test('nothing is expected of a pipeline whose file is gone, until somebody runs it again', async () => {
  const gone = await world.addPipeline('gone', { freshness: [1, 'hour'] });
  await world.write(gone, 90);
  await world.set(gone, { removed_at: new Date(Date.now() - 60_000) });
  await world.check();
  expect(await world.standing(gone, 'freshness')).toBeUndefined();

  await world.begin(gone, 0);
  await world.check();
  expect(await world.standing(gone, 'freshness')).toBe('late: no_new_data');
  expect(await world.told()).toEqual([`freshness/${gone}`]);
});

test('a check answers when the next deadline comes', async () => {
  const other = await openDeadlineWorld();
  const soon = await other.addPipeline('soon', { freshness: [1, 'hour'] });
  await other.addPipeline('later', { freshness: [1, 'month'] });
  await other.write(soon, 50);

  const next = await other.check();

  const minutes = ((next?.getTime() ?? 0) - Date.now()) / 60_000;
  expect(minutes).toBeGreaterThan(9);
  expect(minutes).toBeLessThanOrEqual(10);
  await other.close();
});

test('a threshold and dates beyond all calendars stop no check', async () => {
  const far = await world.addPipeline('far', { freshness: [2_147_483_647, 'year'] });
  await world.set(far, { last_target_insert: '9999-12-31T23:59:59Z' });

  await world.check();

  expect(await world.standing(far, 'freshness')).toBe('fresh: wrote');
});
