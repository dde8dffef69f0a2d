import { Runtime } from '@temporalio/worker';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { createActivities } from '../activities/index.ts';
import { createMirror } from '../activities/mirror.ts';
import { createPlans } from '../activities/plans.ts';
import { createSources } from '../activities/sources.ts';
import { createLocalStore } from '../artifacts/local.ts';
import { openDb } from '../db/database.ts';
import { createPoolShare } from '../hosts/pool-share.ts';
import { createHostPool } from '../hosts/pool.ts';
import { readSettings } from '../project/read-settings.ts';
import { usesPython } from '../project/uses-python.ts';
import { readConfig } from '../runtime/config.ts';
import { Fault } from '../runtime/fault.ts';
import { untilAsked } from '../runtime/lifetime.ts';
import { createLog } from '../runtime/log.ts';
import { createWorkers, defaultSlots } from './create-worker.ts';
import { hostCommands } from './host-commands.ts';
import { temporalLogger } from './temporal-logger.ts';

const LAST_WRITES_MS = 5_000;
/** Hosts for the checks of sensors, besides one for each slot. */
const CHECK_HOSTS = 2;

const config = readConfig(process.env);
const { databaseUrl, temporalAddress } = config;
if (databaseUrl === undefined || temporalAddress === undefined) {
  throw new Fault('config.invalid', 'A worker needs DATABASE_URL and TEMPORAL_ADDRESS');
}
const log = createLog('worker', config.logLevel);
Runtime.install({ logger: temporalLogger(log), shutdownSignals: [] });

const settings = readSettings(config.project);
const artifacts = settings.artifacts?.path ?? join(config.home, 'artifacts');
const slots = config.slots ?? defaultSlots();
const db = openDb(databaseUrl, log);
const mirror = createMirror(db, log);
const stopping = new AbortController();
const commands = hostCommands({
  config,
  settings,
  environment: process.env,
  log,
  stopping: stopping.signal,
});
const hosts = createHostPool({ commands, max: slots + CHECK_HOSTS, log });
const activities = createActivities({
  checkHosts: createPoolShare(hosts, CHECK_HOSTS),
  db,
  environment: process.env,
  hosts,
  mirror,
  plans: createPlans(db),
  projectDir: config.project,
  sources: createSources(db, join(config.home, 'code')),
  store: createLocalStore(resolve(config.project, artifacts)),
  worker: `${hostname()}/${process.pid}`,
});
void hosts.warm('typescript');
if (usesPython(config.project)) void hosts.warm('python');
const workers = await createWorkers({ config, address: temporalAddress, slots, activities });
void untilAsked().then((reason) => {
  log.info({ reason }, 'worker stopping');
  for (const worker of workers) worker.shutdown();
});

log.info({ slots, taskQueue: config.taskQueue }, 'worker started');
try {
  await Promise.all(workers.map((worker) => worker.run()));
} finally {
  stopping.abort();
  await hosts.close();
  await mirror.close(LAST_WRITES_MS);
  await db.destroy();
}
