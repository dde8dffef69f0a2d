import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { LineageRecorder } from '../../api/lineage/lineage-recorder.ts';
import { Catalog } from '../../api/pipelines/catalog.ts';
import { deployProject } from '../../api/triggers/deploy-project.ts';
import type { DeployingDeps } from '../../api/triggers/preview.ts';
import { scheduleIdOf } from '../../api/triggers/schedule-id.ts';
import { ScheduleKeeper } from '../../api/triggers/schedule-keeper.ts';
import { openDb } from '../../db/database.ts';
import { installationId } from '../../db/triggers/installation.ts';
import { openProject } from '../../project/open-project.ts';
import { createLog } from '../../runtime/log.ts';
import { openTemporal } from '../../runtime/temporal.ts';
import { createProject, writeFiles } from '../support/project.ts';
import { createDatabase, newTaskQueue, temporalAddress } from '../support/servers.ts';

const withTriggers = (...names: string[]) => `
blocks: { one: { kind: loader, file: one.sql } }
triggers: { ${names.map((name) => `${name}: { schedule: { interval: 1d } }`).join(', ')} }
`;

let folder: string;
let deps: DeployingDeps;

/** Nothing watches the files, and nothing keeps the schedules: a deployment does it all. */
beforeAll(async () => {
  folder = await createProject({ 'blocks/one.sql': 'select 1 as one' });
  const log = createLog('test', 'silent');
  const db = openDb(await createDatabase(), log, 4);
  const temporal = openTemporal({ address: temporalAddress(), namespace: 'default' });
  const project = openProject(folder, { findPython: () => Promise.resolve({ command: 'python3' }) });
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
  await deployProject(deps, 'test', 'ada');
  expect(await changes('daily')).toEqual(['ada: early created', 'ada: late created']);

  const pipeline = 'daily';
  const id = scheduleIdOf(await installationId(deps.db), { pipeline, name: 'early' });
  await deps.temporal.ask(5_000, (client) => client.schedule.getHandle(id).delete());
  await writeFiles(folder, { 'pipelines/daily.yaml': withTriggers('early') });
  await deployProject(deps, 'test', 'bob');
  expect((await changes('daily')).slice(2).sort()).toEqual([
    'bob: early put right',
    'bob: late deleted',
    'bob: late removed',
  ]);

  await rm(join(folder, 'pipelines/daily.yaml'));
  await deployProject(deps, 'test', 'eve');
  expect((await changes('daily')).slice(5)).toEqual(['eve: early removed', 'eve: early deleted']);
});
