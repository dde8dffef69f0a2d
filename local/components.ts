import { join } from 'node:path';
import { Ready } from '../api/contract/health.ts';
import type { Config } from '../runtime/config.ts';
import { nodeArguments } from '../runtime/paths.ts';
import { openTemporal } from '../runtime/temporal.ts';
import { openLineLog } from './line-log.ts';
import type { Ports } from './ports.ts';
import { startPostgres, type RunningPostgres } from './postgres.ts';
import { launch } from './process.ts';
import type { Component } from './supervise.ts';
import { findTemporalBinary } from './temporal-binary.ts';
import { startTemporal } from './temporal.ts';

export interface Surroundings {
  readonly config: Config;
  readonly env: Record<string, string | undefined>;
  readonly ports: Ports;
  /** Takes a line for the person who watches. */
  readonly say: (line: string) => void;
  /** Takes every line that the API and the worker log. */
  readonly watch: (component: string, line: string) => void;
}

/** Where the API and the worker find their servers. */
export interface Servers {
  readonly databaseUrl: string;
  readonly warehouseUrl: string | undefined;
  readonly temporal: string;
  readonly temporalUi: string | undefined;
}

const ANSWER_MS = 2_000;

export function postgresComponent(
  { config, ports, say }: Surroundings,
  started: (postgres: RunningPostgres) => void,
): Component {
  const log = logOf(config, 'postgres');
  return {
    name: 'postgres',
    start: async () => {
      const dir = join(config.home, 'postgres');
      const postgres = await startPostgres({ dir, port: ports.postgres, log, say });
      started(postgres);
      return postgres;
    },
  };
}

export function temporalComponent({ config, env, ports, say }: Surroundings): Component {
  const { temporalCliPath: path, cache, temporalNamespace: namespace } = config;
  const log = logOf(config, 'temporal');
  return {
    name: 'temporal',
    start: async (signal) => {
      const binary = await findTemporalBinary({ path, cache, env, signal, log: say });
      const dbFile = join(config.home, 'temporal', 'temporal.db');
      const { temporal: port, temporalUi: uiPort } = ports;
      return startTemporal({ binary, dbFile, port, uiPort, namespace, env, log });
    },
  };
}

/** The API is ready with a broken project too: it says what is wrong, and reads it again when it changes. */
export function apiComponent(around: Surroundings, servers: Servers): Component {
  const url = `http://127.0.0.1:${around.ports.api}/health/ready`;
  return {
    ...ownProcess('api', around, servers),
    isReady: async () => {
      try {
        const response = await fetch(url, { signal: AbortSignal.timeout(ANSWER_MS) });
        const { missing } = Ready.parse(await response.json());
        return missing.every(({ name }) => name === 'project');
      } catch {
        return false;
      }
    },
  };
}

export function workerComponent(around: Surroundings, servers: Servers): Component {
  const { taskQueue: name, temporalNamespace: namespace } = around.config;
  return {
    ...ownProcess('worker', around, servers),
    isReady: async ({ pid }) => {
      const temporal = openTemporal({ address: servers.temporal, namespace });
      try {
        const { pollers } = await temporal.ask(ANSWER_MS, ({ workflowService }) =>
          workflowService.describeTaskQueue({ namespace, taskQueue: { name } }),
        );
        return pollers.some(({ identity }) => identity?.startsWith(`${pid}@`));
      } catch {
        return false;
      } finally {
        await temporal.close();
      }
    },
  };
}

function ownProcess(name: 'api' | 'worker', around: Surroundings, servers: Servers): Component {
  const { config, env, ports, watch } = around;
  const write = logOf(config, name);
  const own = {
    DATABASE_URL: servers.databaseUrl,
    HIGHWATER_HOME: config.home,
    HIGHWATER_PORT: String(ports.api),
    HIGHWATER_PROJECT: config.project,
    HIGHWATER_TASK_QUEUE: config.taskQueue,
    TEMPORAL_ADDRESS: servers.temporal,
    TEMPORAL_NAMESPACE: config.temporalNamespace,
    ...(servers.temporalUi !== undefined && { TEMPORAL_UI_URL: servers.temporalUi }),
    ...(servers.warehouseUrl !== undefined && { WAREHOUSE_URL: servers.warehouseUrl }),
  };
  return {
    name,
    start: () =>
      launch({
        command: process.execPath,
        args: nodeArguments(`${name}/main`),
        env: { ...env, ...own },
        cwd: config.project,
        ipc: true,
        graceMs: 30_000,
        log: (line) => {
          write(line);
          watch(name, line);
        },
      }),
  };
}

function logOf({ home }: Config, name: string): (line: string) => void {
  return openLineLog(join(home, 'logs', `${name}.log`));
}
