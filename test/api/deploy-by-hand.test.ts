import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Deployment, TriggerChanges, TriggerList } from '../../api/contract/trigger.ts';
import { startTestApi, type TestApi } from './test-api.ts';

const daily = (cron: string, param: string) => `
params: { ${param}: { type: integer, default: 1 } }
blocks: { numbers: { kind: loader, file: numbers.sql } }
triggers: { nightly: { schedule: { cron: '${cron}' } } }
`;
const PATH = 'pipelines/daily.yaml';

let api: TestApi;

beforeAll(async () => {
  api = await startTestApi({
    files: { [PATH]: daily('0 3 * * *', 'before') },
    settings: { HIGHWATER_DEPLOY: 'by_hand' },
  });
});
afterAll(() => api.stop());

async function deploy(body: object): Promise<Deployment> {
  const answer = await api.post('/api/deployments', body);
  expect(answer.status).toBe(200);
  return answer.body as unknown as Deployment;
}

const run = (params: object) => api.post('/api/pipelines/daily/runs', { params });

/** What triggers of the pipeline there are, by their crons. */
async function crons() {
  const { triggers } = (await api.get('/api/triggers?pipeline=daily'))
    .body as unknown as TriggerList;
  return triggers.map(({ definition }) => JSON.stringify(definition['schedule']));
}

/** Who did what to the trigger, the newest first. */
async function changes() {
  const { body } = await api.get('/api/triggers/daily/nightly/changes');
  return (body as unknown as TriggerChanges).changes.map(
    ({ actor, action }) => `${actor} ${action}`,
  );
}

test('what files say counts from the deployment on, on record as of who deploys', async () => {
  const early = await run({});
  expect([early.status, early.body.code]).toEqual([404, 'pipeline.not_found']);
  expect(early.body.detail).toContain('highwater deploy');
  expect(await crons()).toEqual([]);

  await deploy({ actor: 'ada' });
  expect((await run({ before: 2 })).status).toBe(202);
  expect(await changes()).toEqual(['ada created']);
});

test('an edit changes nothing but the plan that a dry run shows, until it is deployed', async () => {
  await api.write({ [PATH]: daily('0 4 * * *', 'after') });
  const { pipelines, triggers } = await deploy({ dry_run: true });
  expect(pipelines).toContainEqual({ pipeline: 'daily', action: 'update', errors: [] });
  expect(triggers).toMatchObject([{ trigger: 'nightly', action: 'update' }]);
  expect((await run({ before: 3 })).status).toBe(202);
  expect((await run({ after: 3 })).status).toBe(422);
  expect(await crons()).toEqual([expect.stringContaining('0 3 * * *')]);

  await deploy({ actor: 'bob' });
  expect((await run({ after: 3 })).status).toBe(202);
  expect(await crons()).toEqual([expect.stringContaining('0 4 * * *')]);
  expect(await changes()).toEqual(['bob changed', 'ada created']);
});

test('a broken file is told by its deployment, and what was deployed goes on', async () => {
  await api.write({ [PATH]: daily('0 25 * * *', 'after') });
  expect((await run({ after: 4 })).status).toBe(202);
  const { pipelines } = await deploy({ actor: 'bob' });
  expect(pipelines[0]).toMatchObject({
    ...{ pipeline: 'daily', action: 'broken' },
    errors: [{ file: PATH, line: 4, code: 'cron.invalid' }],
  });
  expect((await run({ after: 5 })).status).toBe(202);
  expect(await crons()).toEqual([expect.stringContaining('0 4 * * *')]);
});

test('a pipeline of another project in the same database is not deployed here', async () => {
  const rename = (name: string) => api.write({ 'highwater.yaml': `name: ${name}\n` });
  await rename('other');
  expect((await run({ after: 6 })).status).toBe(404);
  await rename('test');
  expect((await run({ after: 6 })).status).toBe(202);
});

test('a pipeline whose file is gone runs until that is deployed', async () => {
  await api.remove(PATH);
  expect((await run({ after: 6 })).status).toBe(202);

  await deploy({ actor: 'eve' });
  expect((await run({ after: 6 })).status).toBe(404);
  expect(await crons()).toEqual([]);
});
