import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { isAway } from '../db/away.ts';
import { openChannels } from '../db/channels.ts';
import { openDb, type Db } from '../db/database.ts';
import { migrate } from '../db/migrate.ts';
import { listPlannedBlocks } from '../db/runs/run-blocks.ts';
import { openRunChannel } from '../db/runs/run-channel.ts';
import { findPython } from '../hosts/python/find-python.ts';
import { openProject } from '../project/open-project.ts';
import type { Config } from '../runtime/config.ts';
import { Fault } from '../runtime/fault.ts';
import { keepRecent } from '../runtime/keep-recent.ts';
import type { Logger } from '../runtime/log.ts';
import { openTemporal } from '../runtime/temporal.ts';
import { createApp } from './app.ts';
import { BackfillKeeper } from './backfills/keeper.ts';
import { Catalog } from './pipelines/catalog.ts';
import { Checker } from './standings/checker.ts';
import type { ApiDeps } from './deps.ts';
import { QueueWatch } from './diagnostics/queue-watch.ts';
import { Dispatcher } from './runs/dispatcher.ts';
import { eventLane } from './events/event-lane.ts';
import { EventLoop } from './events/event-loop.ts';
import { createReceiveEvents } from './events/receive-events.ts';
import { SourceKeeper } from './events/source-keeper.ts';
import { EventSender } from './lineage/event-sender.ts';
import { LineageRecorder } from './lineage/lineage-recorder.ts';
import { Doorkeeper } from './limits/doorkeeper.ts';
import { Maintenance } from './maintenance/maintenance.ts';
import { createNoticePlans, type Env } from './notices/notice-plan.ts';
import { Notifier } from './notices/notifier.ts';
import { Reconciler } from './runs/reconciler.ts';
import { createReports } from './watcher/reports.ts';
import { ScheduleKeeper } from './triggers/schedule-keeper.ts';
import { WatchKeeper } from './standings/watch-keeper.ts';
import { quickLane } from './watcher/quick-lane.ts';

const POOL = 20;
/** A server that refuses is noticed at once. One that is only busy gets time: a run may be on record already. */
const QUERY_MS = 10_000;
const RETRY_MS = 1_000;
/** Callers that wait get their answer at once; this is for those whose network is slow. */
const GRACE_MS = 5_000;
const SWEEP_MS = 50;
/** As often as Watcher looks at its queues. */
const QUEUES_EVERY_MS = 5 * 60_000;
const QUEUES_CLOSELY_MS = 15_000;
/** Of so many plans the names of their blocks are kept. */
const PLANS = 500;

export interface RunningApi {
  readonly port: number;
  stop(): Promise<void>;
}

/** Starts everything that an API process does. Its servers may still be away: it waits for them. */
export async function startApi(config: Config, log: Logger, env: Env = {}): Promise<RunningApi> {
  const databaseUrl = required('DATABASE_URL', config.databaseUrl);
  const address = required('TEMPORAL_ADDRESS', config.temporalAddress);
  const { taskQueue, temporalNamespace: namespace, autoRules, deploysByHand: byHand } = config;

  const db = openDb(databaseUrl, log, POOL, QUERY_MS);
  const temporal = openTemporal({ address, namespace });
  const channels = openChannels(databaseUrl, log);
  const stopping = new AbortController();
  const project = openProject(config.project, {
    findPython: () => findPython(config.python),
  });
  const lineage = new LineageRecorder({ db, log, projectDir: config.project, environment: env });
  const receiveEvents = createReceiveEvents(db);
  const scheduleKeeper = new ScheduleKeeper({ db, temporal, taskQueue, project, log });
  const onChange = () => {
    scheduleKeeper.wake();
  };
  const deps: ApiDeps = {
    db,
    temporal,
    taskQueue,
    blocksOf: keepRecent(PLANS, (plan) => listPlannedBlocks(db, plan)),
    channel: openRunChannel(channels),
    log,
    catalog: new Catalog({ db, project, lineage, log, autoRules, byHand, onChange }),
    scheduleKeeper,
    dispatcher: new Dispatcher({ db, temporal, taskQueue, log }),
    eventLoop: new EventLoop({ channels, project: () => project.file().definition?.name }),
    receiveEvents,
    sourceKeeper: new SourceKeeper({
      ...{ db, databaseUrl, env, receiveEvents, log, project },
    }),
    env,
    backfillKeeper: new BackfillKeeper({ db, temporal, taskQueue, log }),
    doorkeeper: new Doorkeeper({ db, channels, temporal, log }),
    checker: new Checker({ databaseUrl, log }),
    reconciler: new Reconciler({ db, temporal, taskQueue, log }),
    maintenance: new Maintenance({ db, temporal, taskQueue, project, log }),
    queueWatch: new QueueWatch({
      ...{ db, log, everyMs: QUEUES_EVERY_MS, closelyMs: QUEUES_CLOSELY_MS },
    }),
    watchKeeper: new WatchKeeper({ channels, temporal, taskQueue, log }),
    notifier: new Notifier({
      ...{ db, channels, env, log },
      plans: createNoticePlans(project.load, env),
    }),
    lineageEvents: new EventSender({ db, channels, receiver: config.openLineage, log }),
    reports: createReports(db),
    autoRules,
    links: { temporalUi: config.temporalUiUrl, namespace },
    stopping: stopping.signal,
  };

  const app = createApp(deps);
  const lanes = [quickLane(deps), eventLane(deps)];
  const server = createServer({ maxHeaderSize: 16 * 1024, ...TIMEOUTS }, (request, response) => {
    if (!lanes.some((takes) => takes(request, response))) app(request, response);
  });
  const port = await listen(server, config);
  const prepared = prepare(deps, databaseUrl);
  log.info({ port, project: config.project }, 'API listening');

  const stop = async () => {
    stopping.abort();
    await endServer(server);
    await prepared;
    await Promise.all([deps.dispatcher.stop(), deps.reconciler.stop(), deps.catalog.stop()]);
    await deps.backfillKeeper.stop();
    await Promise.all([deps.sourceKeeper.stop(), deps.eventLoop.stop()]);
    await deps.doorkeeper.stop();
    await deps.maintenance.stop();
    await deps.scheduleKeeper.stop();
    await deps.checker.stop();
    await deps.notifier.stop();
    await deps.lineageEvents.stop();
    await Promise.all([deps.watchKeeper.stop(), deps.queueWatch.stop()]);
    await Promise.all([channels.close(), temporal.close(), db.destroy()]);
    log.info('API stopped');
  };
  return { port, stop };
}

/** Many who ask at the same moment wait for their turn; Node's own 511 turns the others away. */
const BACKLOG = 4_096;
const TIMEOUTS = { keepAliveTimeout: 65_000, headersTimeout: 20_000, requestTimeout: 60_000 };

/** Migrates the database as soon as it is there, and lets the loops that need it begin. */
async function prepare(deps: ApiDeps, url: string) {
  const { catalog, checker, dispatcher, notifier, reconciler, watchKeeper, stopping, log } = deps;
  const db = openDb(url, log, 1);
  while (!stopping.aborted && !(await tryMigrate(db, log))) {
    await delay(RETRY_MS, undefined, { signal: stopping }).catch(() => undefined);
  }
  await db.destroy();
  if (stopping.aborted) return;
  deps.lineageEvents.start();
  catalog.start();
  checker.start();
  dispatcher.start();
  deps.eventLoop.start(deps);
  deps.sourceKeeper.start();
  reconciler.start();
  deps.backfillKeeper.start();
  deps.doorkeeper.start();
  deps.maintenance.start();
  deps.scheduleKeeper.start();
  notifier.start();
  watchKeeper.start();
  deps.queueWatch.start();
}

async function tryMigrate(db: Db, log: Logger): Promise<boolean> {
  try {
    await migrate(db);
    return true;
  } catch (error) {
    if (isAway(error)) log.warn({ err: error }, 'database is away');
    else log.error({ err: error }, 'database not migrated');
    return false;
  }
}

async function listen(server: Server, { apiPort, apiHost }: Config): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(error.code === 'EADDRINUSE' ? portTaken(apiPort, error) : error);
    });
    server.listen({ port: apiPort, host: apiHost, backlog: BACKLOG }, resolve);
  });
  return (server.address() as AddressInfo).port;
}

function portTaken(port: number, cause: Error): Fault {
  const message = `Port ${port} is taken: end what listens there, or set HIGHWATER_PORT (0 picks one)`;
  return new Fault('port.taken', message, { cause });
}

/** A connection is kept alive after its answer, and would keep the server from ending. */
async function endServer(server: Server): Promise<void> {
  const deadline = Date.now() + GRACE_MS;
  const sweep = setInterval(() => {
    if (Date.now() < deadline) server.closeIdleConnections();
    else server.closeAllConnections();
  }, SWEEP_MS);
  await new Promise((resolve) => server.close(resolve));
  clearInterval(sweep);
}

function required(name: string, value: string | undefined): string {
  if (value !== undefined) return value;
  throw new Fault('config.invalid', `Set ${name}, or start everything with "highwater dev"`);
}
