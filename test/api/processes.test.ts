import { rm } from 'node:fs/promises';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Run } from '../../api/contract/run.ts';
import { openDoor, type Door } from '../support/door.ts';
import { createSurroundings, startApi, type Surroundings } from '../support/processes.ts';
import { createProject } from '../support/project.ts';
import { until } from '../support/until.ts';

let around: Surroundings;
let door: Door;
let connection: Connection;
let temporal: Client;

beforeAll(async () => {
  const project = await createProject({
    'pipelines/one.yaml': 'blocks:\n  one: { kind: loader, file: one.sql }\n',
    'blocks/one.sql': 'select 1 as one\n',
  });
  const real = await createSurroundings(project);
  const [host = '', port] = real.temporal.split(':');
  door = await openDoor({ host, port: Number(port) });
  around = { ...real, temporal: `127.0.0.1:${door.port}` };
  connection = await Connection.connect({ address: real.temporal });
  temporal = new Client({ connection });
});
afterAll(async () => {
  await Promise.all([door.shut(), connection.close()]);
  await Promise.all([around.home, around.project].map((path) => rm(path, { recursive: true })));
});

type OurRun = Run & { readonly workflow_id: string };

async function ask(url: string): Promise<OurRun> {
  const response = await fetch(`${url}/api/pipelines/one/runs`, { method: 'POST' });
  expect(response.status).toBe(202);
  return (await response.json()) as OurRun;
}

/** How many workflows Temporal has started under this id. */
async function countStarts(workflowId: string): Promise<number> {
  const { count } = await temporal.workflow.count(`WorkflowId = '${workflowId}'`);
  return count;
}

async function untilStarted(runs: readonly OurRun[]): Promise<void> {
  for (const { workflow_id } of runs) {
    await until(async () => (await countStarts(workflow_id)) > 0);
  }
}

test('a run that was accepted by an API that died is started by the next one', async () => {
  const first = await startApi(around);
  await door.shut();
  const runs = await Promise.all(Array.from({ length: 5 }, () => ask(first.url)));
  await first.kill();
  await door.open();

  const second = await startApi(around);

  await untilStarted(runs);
  await second.stop();
});

test('several APIs on one database start each run once', async () => {
  const apis = await Promise.all([startApi(around), startApi(around)]);
  await door.shut();
  const asked = Array.from({ length: 40 }, (_, at) => ask(apis[at % 2]?.url ?? ''));
  const runs = await Promise.all(asked);

  await door.open();
  await untilStarted(runs);

  expect(await Promise.all(runs.map((run) => countStarts(run.workflow_id)))).toEqual(
    runs.map(() => 1),
  );
  await Promise.all(apis.map((api) => api.stop()));
});

test('an API that is asked to end answers first those who wait', async () => {
  const api = await startApi(around);
  const run = await ask(api.url);
  const waiting = fetch(`${api.url}/api/runs/${run.id}?wait=60s`);
  await fetch(`${api.url}/health/live`);

  await api.stop();

  const response = await waiting;
  expect(response.status).toBe(200);
  expect(((await response.json()) as Run).state).toBe('queued');
  await until(() => api.lines.at(-1)?.includes('API stopped'));
});
