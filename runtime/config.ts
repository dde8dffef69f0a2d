import { join, resolve } from 'node:path';
import * as z from 'zod';
import { Fault } from './fault.ts';
import { cacheRoot } from './paths.ts';

const Port = z.coerce.number().int().min(0).max(65535);
const PostgresUrl = z.url({ protocol: /^postgres(ql)?$/ });

const Environment = z.object({
  DATABASE_URL: PostgresUrl.optional(),
  HIGHWATER_API_HOST: z.string().default('127.0.0.1'),
  HIGHWATER_DEPLOY: z.enum(['on_change', 'by_hand']).default('on_change'),
  HIGHWATER_HOME: z.string().optional(),
  HIGHWATER_OPENLINEAGE_API_KEY: z.string().min(1).optional(),
  HIGHWATER_OPENLINEAGE_NAMESPACE: z.string().min(1).max(100).default('highwater'),
  HIGHWATER_OPENLINEAGE_URL: z.url({ protocol: /^https?$/ }).optional(),
  HIGHWATER_PORT: Port.default(6789),
  HIGHWATER_POSTGRES_PORT: Port.default(6543),
  HIGHWATER_PROJECT: z.string().optional(),
  HIGHWATER_PYTHON: z.string().min(1).optional(),
  HIGHWATER_SLOTS: z.coerce.number().int().min(1).max(1000).optional(),
  HIGHWATER_TASK_QUEUE: z.string().min(1).default('highwater'),
  HIGHWATER_TEMPORAL_PORT: Port.default(7233),
  HIGHWATER_TEMPORAL_UI_PORT: Port.default(8233),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
  TEMPORAL_ADDRESS: z.string().optional(),
  TEMPORAL_CLI_PATH: z.string().optional(),
  TEMPORAL_NAMESPACE: z.string().default('default'),
  TEMPORAL_UI_URL: z.url().optional(),
  WATCHER_AUTO_CREATE_ANOMALY_DETECTION_RULES: z.stringbool().default(false),
});

/** The names of all variables that `readConfig` looks at. */
export const VARIABLES: readonly string[] = Object.keys(Environment.shape);

/** Every setting that a Highwater process reads, as absolute paths and checked values. */
export interface Config {
  readonly apiHost: string;
  readonly apiPort: number;
  /** Whether a pipeline that is declared over HTTP gets a rule for each metric. */
  readonly autoRules: boolean;
  /** Shared between projects: the Temporal binary, Python environments. */
  readonly cache: string;
  /** Unset: the local stack brings its own Postgres. */
  readonly databaseUrl: string | undefined;
  /** Files count when somebody deploys them, not as soon as they change. */
  readonly deploysByHand: boolean;
  /** State of one stack: data of its servers, artifacts, logs. */
  readonly home: string;
  readonly logLevel: string;
  /** Where events about our runs go, and under which namespace. */
  readonly openLineage: {
    readonly url: string | undefined;
    readonly apiKey: string | undefined;
    readonly namespace: string;
  };
  readonly postgresPort: number;
  /** The folder that holds `highwater.yaml`. */
  readonly project: string;
  /** The interpreter that Python environments are made from; unset: `python3` or `python`. */
  readonly python: string | undefined;
  /** How many blocks one worker runs at once; unset: `defaultSlots`. */
  readonly slots: number | undefined;
  readonly taskQueue: string;
  /** Unset: the local stack brings its own Temporal. */
  readonly temporalAddress: string | undefined;
  readonly temporalCliPath: string | undefined;
  readonly temporalNamespace: string;
  readonly temporalPort: number;
  readonly temporalUiPort: number;
  readonly temporalUiUrl: string | undefined;
}

/** Reads the environment whole; an unusable one is a `config.invalid` that names every bad variable. */
export function readConfig(
  env: Record<string, string | undefined>,
  folder = process.cwd(),
): Config {
  const parsed = Environment.safeParse(env);
  if (!parsed.success) {
    throw new Fault(
      'config.invalid',
      `Environment is not usable:\n${z.prettifyError(parsed.error)}`,
    );
  }
  const { data } = parsed;
  const project = resolve(folder, data.HIGHWATER_PROJECT ?? '.');
  return Object.freeze({
    apiHost: data.HIGHWATER_API_HOST,
    apiPort: data.HIGHWATER_PORT,
    autoRules: data.WATCHER_AUTO_CREATE_ANOMALY_DETECTION_RULES,
    cache: cacheRoot(env),
    databaseUrl: data.DATABASE_URL,
    deploysByHand: data.HIGHWATER_DEPLOY === 'by_hand',
    home: resolve(folder, data.HIGHWATER_HOME ?? join(project, '.highwater')),
    logLevel: data.LOG_LEVEL,
    openLineage: {
      url: data.HIGHWATER_OPENLINEAGE_URL,
      apiKey: data.HIGHWATER_OPENLINEAGE_API_KEY,
      namespace: data.HIGHWATER_OPENLINEAGE_NAMESPACE,
    },
    postgresPort: data.HIGHWATER_POSTGRES_PORT,
    project,
    python: data.HIGHWATER_PYTHON,
    slots: data.HIGHWATER_SLOTS,
    taskQueue: data.HIGHWATER_TASK_QUEUE,
    temporalAddress: data.TEMPORAL_ADDRESS,
    temporalCliPath: data.TEMPORAL_CLI_PATH,
    temporalNamespace: data.TEMPORAL_NAMESPACE,
    temporalPort: data.HIGHWATER_TEMPORAL_PORT,
    temporalUiPort: data.HIGHWATER_TEMPORAL_UI_PORT,
    temporalUiUrl: data.TEMPORAL_UI_URL,
  });
}
