import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openDb } from '../db/database.ts';
import { migrate } from '../db/migrate.ts';
import { Fault, messageOf } from '../runtime/fault.ts';
import type { Logger } from '../runtime/log.ts';
import * as make from './components.ts';
import { claimPorts } from './ports.ts';
import { preparePython } from './python.ts';
import type { RunningPostgres } from './postgres.ts';
import { removeStack, type Stack } from './stack-file.ts';
import type { StackRecord } from './stack-record.ts';
import { supervise, type Component, type Supervised } from './supervise.ts';

export interface StackOptions extends Omit<make.Surroundings, 'ports'> {
  readonly record: StackRecord;
  readonly log: Logger;
}

export interface LocalStack {
  /** Resolves when the API and a worker are ready for runs; on a failure, call `stop`. */
  readonly started: Promise<Stack>;
  /** Ends all, in the order opposite to their start. */
  stop(): Promise<void>;
}

const READY_MS = 120_000;
const TAIL_LINES = 15;

/** Starts everything on one machine, in the order in which it needs each other, and keeps it running. */
export function startStack(options: StackOptions): LocalStack {
  const { config, record } = options;
  const rows: Supervised[][] = [];
  const stopping = new AbortController();

  const startRow = async (components: readonly Component[]): Promise<void> => {
    if (stopping.signal.aborted) throw new Fault('stack.failed', 'Stopped before it had started');
    const row = components.map((component) => superviseLoudly(component, options));
    rows.push(row);
    const failures = await Promise.allSettled(row.map(({ ready }) => ready));
    const at = failures.findIndex(({ status }) => status === 'rejected');
    const failure = failures[at];
    if (failure?.status !== 'rejected') return;
    throw await explain(failure.reason, config.home, components[at]?.name ?? '');
  };

  const start = async (): Promise<Stack> => {
    const around = { ...options, ports: await claimPorts(config) };
    const python = preparePython({ ...around, signal: stopping.signal });
    const servers = await startServers(around, startRow);
    const { databaseUrl, temporal, temporalUi = '' } = servers;
    record.set({ databaseUrl, temporal, temporalUi, api: `http://localhost:${around.ports.api}` });
    await migrateDatabase(databaseUrl, options.log);
    await startRow([make.apiComponent(around, servers), make.workerComponent(around, servers)]);
    await python;
    await record.settle();
    return record.set({ state: 'ready' });
  };

  const started = start();
  return {
    started,
    stop: async () => {
      stopping.abort();
      record.set({ state: 'stopping' });
      for (const row of rows.toReversed()) await Promise.all(row.map(({ stop }) => stop()));
      await started.catch(() => undefined);
      await record.settle();
      await removeStack(config.home);
    },
  };
}

/** Servers of one's own are taken as they are; the others are started. */
async function startServers(
  around: make.Surroundings,
  startRow: (components: readonly Component[]) => Promise<void>,
): Promise<make.Servers> {
  const { config, env, ports } = around;
  const { databaseUrl, temporalAddress, temporalUiUrl } = config;
  const found: { postgres?: RunningPostgres } = {};
  await startRow([
    ...(databaseUrl === undefined
      ? [make.postgresComponent(around, (postgres) => (found.postgres = postgres))]
      : []),
    ...(temporalAddress === undefined ? [make.temporalComponent(around)] : []),
  ]);
  const ownUi = temporalAddress === undefined ? `http://localhost:${ports.temporalUi}` : undefined;
  return {
    databaseUrl: databaseUrl ?? found.postgres?.url ?? '',
    warehouseUrl: env['WAREHOUSE_URL'] ?? found.postgres?.warehouseUrl,
    temporal: temporalAddress ?? `127.0.0.1:${ports.temporal}`,
    temporalUi: temporalUiUrl ?? ownUi,
  };
}

function superviseLoudly(component: Component, { record, say }: StackOptions): Supervised {
  const began = Date.now();
  let wasReady = false;
  const supervised = supervise(component, {
    say,
    changed: (state, running) => {
      record.setComponent(component.name, state, running?.pid);
      if (state !== 'running') return;
      const seconds = ((Date.now() - began) / 1000).toFixed(1);
      say(wasReady ? `${component.name} is back` : `${component.name} is ready (${seconds} s)`);
      wasReady = true;
    },
  });
  const late = new Promise<never>((_resolve, reject) => {
    setTimeout(() => {
      reject(
        new Fault('stack.failed', `${component.name} is not ready after ${READY_MS / 1000} s`),
      );
    }, READY_MS).unref();
  });
  const ready = component.isReady ? Promise.race([supervised.ready, late]) : supervised.ready;
  late.catch(() => undefined);
  ready.catch(() => undefined);
  return { ...supervised, ready };
}

async function migrateDatabase(url: string, log: Logger): Promise<void> {
  const db = openDb(url, log, 1);
  try {
    await migrate(db);
  } catch (error) {
    const message = `The database cannot be migrated: ${messageOf(error)}`;
    throw new Fault('database.unavailable', message, { cause: error });
  } finally {
    await db.destroy();
  }
}

/** The failure with the end of the component's own log, where the reason is. */
async function explain(error: unknown, home: string, component: string): Promise<unknown> {
  if (!(error instanceof Fault) || error.status < 500) return error;
  const file = join(home, 'logs', `${component}.log`);
  const lines = (await readFile(file, 'utf8').catch(() => '')).trimEnd().split('\n');
  const tail = lines.slice(-TAIL_LINES).join('\n');
  return new Fault(error.code, `${error.message}\nThe end of ${file}:\n${tail}`, { cause: error });
}
