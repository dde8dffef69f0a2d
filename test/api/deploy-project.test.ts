import express from 'express';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DeploymentLine } from '../../api/contract/trigger.ts';
import { problemHandler } from '../../api/http/problem.ts';
import { LineageRecorder } from '../../api/lineage/lineage-recorder.ts';
import { Catalog } from '../../api/pipelines/catalog.ts';
import { deployProject } from '../../api/triggers/deploy-project.ts';
import { deploymentRoutes } from '../../api/triggers/deployment-routes.ts';
import { planDeploymentOf, type DeploymentDeps } from '../../api/triggers/preview.ts';
import { scheduleIdOf } from '../../api/triggers/schedule-id.ts';
import { ScheduleKeeper } from '../../api/triggers/schedule-keeper.ts';
import { openDb } from '../../db/database.ts';
import { installationId } from '../../db/triggers/installation.ts';
import { openProject } from '../../project/open-project.ts';
import { Fault } from '../../runtime/fault.ts';
import { createLog } from '../../runtime/log.ts';
import { openTemporal } from '../../runtime/temporal.ts';
import { createProject, writeFiles } from '../support/project.ts';
import { createDatabase, newTaskQueue, temporalAddress } from '../support/servers.ts';

const withTriggers = (...names: string[]) => `
blocks: { one: { kind: loader, file: one.sql } }
triggers: { ${names.map((name) => `${name}: { schedule: { interval: 1d } }`).join(', ')} }
`;

let folder: string;
let deps: DeploymentDeps;

/** Nothing watches the files, and nothing keeps the schedules: a deployment does it all. */
beforeAll(async () => {
  folder = await createProject({ 'blocks/one.sql': 'select 1 as one' });
  const log = createLog('test', 'silent');
  const db = openDb(await createDatabase(), log, 4);
  const temporal = openTemporal({ address: temporalAddress(), namespace: 'default' });
  const project = openProject(folder, {
    findPython: () => Promise.resolve({ command: 'python3' }),
  });
  const lineage = new LineageRecorder({ db, log, projectDir: folder, environment: {} });
  const taskQueue = newTaskQueue();
  deps = {
    ...{ db, temporal, taskQueue },
    catalog: new Catalog({ db, project, lineage, log, autoRules: false }),
    scheduleKeeper: new ScheduleKeeper({ db, temporal, taskQueue, project, log }),
  };
});
afterAll(async () => {
  await deps.catalog.stop();
  await Promise.all([deps.db.destroy(), deps.temporal.close()]);
  await rm(folder, { recursive: true });
});

/** What happened to the triggers of a pipeline, as `who: what`. */
async function changes(pipeline: string): Promise<string[]> {
  const rows = await deps.db
    .selectFrom('trigger_change')
    .select(['trigger', 'action', 'actor'])
    .where('pipeline', '=', pipeline)
    .orderBy('id')
    .execute();
  return rows.map(({ trigger, action, actor }) => `${actor}: ${trigger} ${action}`);
}

test('who deploys is on record with each change that the deployment makes', async () => {
  await writeFiles(folder, { 'pipelines/daily.yaml': withTriggers('early', 'late') });
  await deployProject(deps, 'test', { actor: 'ada' });
  expect(await changes('daily')).toEqual(['ada: early created', 'ada: late created']);

  const pipeline = 'daily';
  const id = scheduleIdOf(await installationId(deps.db), { pipeline, name: 'early' });
  await deps.temporal.ask(5_000, (client) => client.schedule.getHandle(id).delete());
  await writeFiles(folder, { 'pipelines/daily.yaml': withTriggers('early') });
  await deployProject(deps, 'test', { actor: 'bob' });
  expect((await changes('daily')).slice(2).sort()).toEqual([
    'bob: early put right',
    'bob: late deleted',
    'bob: late removed',
  ]);

  await rm(join(folder, 'pipelines/daily.yaml'));
  await deployProject(deps, 'test', { actor: 'eve' });
  expect((await changes('daily')).slice(5)).toEqual(['eve: early removed', 'eve: early deleted']);
});

/** Each key of a schedule, and each way to write its parts. */
const SCHEDULES = [
  "cron: '@daily'",
  "cron: ['*/20 30 9-17/2 1,15 jan-jun ? 2027-2031/2', '0 5 * * sun,fri']",
  'interval: { every: 1h, offset: 15m }, jitter: 30s, overlap: allow_all, catchup: none',
  "calendars: [{ hour: 9 }, { second: '*/20', minute: '*', hour: '*' }]",
  "calendars: [{ day_of_week: '5-7', comment: weekends }, { year: 2030, month: feb, day_of_month: '28-29' }]",
  "interval: 1d, skip: ['2026-12-25', { month: 12, day_of_month: 31 }, { day_of_week: 7, comment: sundays }]",
  "cron: '30 2 * * *', timezone: Europe/Berlin, start: 2030-01-31, end: '2031-01-31T12:00:00.5', catchup: all, catchup_window: 36h",
  'interval: 90s, overlap: cancel_other, pause_after_failures: 3',
];

test('whatever the keys of a schedule say, Temporal keeps it as it was told, and nothing is drift', async () => {
  const triggers = SCHEDULES.map((keys, at) => `  s${at}: { schedule: { ${keys} } }\n`);
  const blocks = 'blocks: { one: { kind: loader, file: one.sql } }\n';
  await writeFiles(folder, { 'pipelines/keys.yaml': `${blocks}triggers:\n${triggers.join('')}` });
  await deployProject(deps, 'test', { actor: 'ada' });

  const { shown } = await planDeploymentOf(deps, 'test');

  expect(shown.triggers).toHaveLength(SCHEDULES.length);
  expect(shown.triggers.filter(({ action }) => action !== 'unchanged')).toEqual([]);
  await rm(join(folder, 'pipelines/keys.yaml'));
  await deployProject(deps, 'test', { actor: 'ada' });
});

/** The lines in which a deployment answers. */
async function deployInLines(using: DeploymentDeps): Promise<DeploymentLine[]> {
  const log = createLog('test', 'silent');
  const app = express().use('/api', deploymentRoutes({ ...using, log }), problemHandler(log));
  const server = app.listen(0);
  try {
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const response = await fetch(`http://127.0.0.1:${port}/api/deployments`, {
      method: 'POST',
      headers: { accept: 'application/x-ndjson' },
    });
    const lines = (await response.text()).trimEnd().split('\n');
    return lines.map((line) => DeploymentLine.parse(JSON.parse(line)));
  } finally {
    server.close();
  }
}

const progressOf = (lines: readonly DeploymentLine[]) =>
  lines.flatMap((line) =>
    'progress' in line
      ? [`${line.progress.done} of ${line.progress.total} ${line.progress.what}`]
      : [],
  );

test('a deployment that is asked for lines tells how far it has come, and ends with what it did', async () => {
  await writeFiles(folder, {
    'pipelines/one.yaml': withTriggers('a', 'b'),
    'pipelines/two.yaml': withTriggers('c'),
  });
  const lines = await deployInLines(deps);
  expect(progressOf(lines)).toEqual([
    ...['1 of 2 pipelines', '2 of 2 pipelines'],
    ...['1 of 3 schedules', '2 of 3 schedules', '3 of 3 schedules'],
  ]);
  expect(lines.at(-1)).toMatchObject({
    deployment: { dry_run: false, pipelines: [{ action: 'create' }, { action: 'create' }] },
  });
});

test('a project that has another name is deployed under it, though nothing else of it has changed', async () => {
  const actions = async (name: string) =>
    (await planDeploymentOf(deps, name)).shown.pipelines.map(({ action }) => action);
  expect(await actions('test')).toEqual(['unchanged', 'unchanged']);

  await writeFiles(folder, { 'highwater.yaml': 'name: renamed\n' });
  expect(await actions('renamed')).toEqual(['update', 'update']);
  await deployProject(deps, 'renamed', { actor: 'ada' });
  expect(await actions('renamed')).toEqual(['unchanged', 'unchanged']);
});

test('what fails midway is told in the last line', async () => {
  await writeFiles(folder, { 'pipelines/three.yaml': withTriggers('d') });
  const away = () => Promise.reject(new Fault('temporal.unavailable', 'Temporal is away'));
  const lines = await deployInLines({
    ...deps,
    scheduleKeeper: Object.assign(Object.create(deps.scheduleKeeper) as ScheduleKeeper, {
      apply: away,
    }),
  });
  expect(progressOf(lines)).toEqual(['1 of 1 pipelines']);
  expect(lines.at(-1)).toMatchObject({ problem: { code: 'temporal.unavailable', status: 503 } });
});
