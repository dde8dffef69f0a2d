import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Deployment } from '../../api/contract/trigger.ts';
import { scheduleIdOf } from '../../api/triggers/schedule-id.ts';
import { installationId } from '../../db/triggers/installation.ts';
import { until } from '../support/until.ts';
import { startTestApi, type TestApi } from './test-api.ts';

const pipeline = (...names: string[]) => `
blocks: { numbers: { kind: loader, file: numbers.sql } }
triggers: { ${names.map((name) => `${name}: { schedule: { interval: 1d } }`).join(', ')} }
`;

let shop: TestApi;
let bank: TestApi;

/** Two projects that share a database and a Temporal, as two teams may. */
beforeAll(async () => {
  let shared = '';
  shop = await startTestApi({
    through: (real) => Promise.resolve({ ...real, database: (shared = real.database) }),
    files: { 'highwater.yaml': 'name: shop\n', 'pipelines/sales.yaml': pipeline('daily', 'often') },
  });
  bank = await startTestApi({
    through: (real) => Promise.resolve({ ...real, database: shared }),
    files: { 'highwater.yaml': 'name: bank\n', 'pipelines/rates.yaml': pipeline('daily') },
  });
  await until(async () => (await schedules()).length === 3);
});
afterAll(() => Promise.all([shop.stop(), bank.stop()]));

/** Of both projects, without what their ids have in common. */
async function schedules(): Promise<string[]> {
  const names = ['sales/daily', 'sales/often', 'rates/daily'];
  const installation = await installationId(shop.db);
  const found = await Promise.all(
    names.map(async (text) => {
      const [pipeline = '', name = ''] = text.split('/');
      const handle = shop.temporal.schedule.getHandle(
        scheduleIdOf(installation, { pipeline, name }),
      );
      return handle.describe().then(
        ({ action }) => [`${text} ${queueOf(action.taskQueue)}`],
        () => [],
      );
    }),
  );
  return found.flat();
}

const queueOf = (queue: string) => (queue === shop.taskQueue ? 'in shop' : 'in bank');

async function deploy(api: TestApi): Promise<string[]> {
  const { status, body } = await api.post('/api/deployments', {});
  expect(status).toBe(200);
  return (body as unknown as Deployment).triggers.map(
    ({ pipeline, trigger, action }) => `${pipeline}/${trigger} ${action}`,
  );
}

test('each deploys its own schedules, and leaves those of the other one alone', async () => {
  const all = ['sales/daily in shop', 'sales/often in shop', 'rates/daily in bank'];
  expect(await deploy(shop)).toEqual(['sales/daily unchanged', 'sales/often unchanged']);
  expect(await deploy(bank)).toEqual(['rates/daily unchanged']);
  expect(await schedules()).toEqual(all);

  await shop.write({ 'pipelines/sales.yaml': pipeline('daily') });
  await deploy(shop);
  await deploy(bank);
  expect(await schedules()).toEqual(['sales/daily in shop', 'rates/daily in bank']);

  await bank.remove('pipelines/rates.yaml');
  await deploy(bank);
  await deploy(shop);
  expect(await schedules()).toEqual(['sales/daily in shop']);
});
