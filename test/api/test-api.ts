import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import type { Ready } from '../../api/contract/health.ts';
import type { LogPage } from '../../api/contract/log.ts';
import type { Pipeline, PipelineList } from '../../api/contract/pipeline.ts';
import type { Problem } from '../../api/contract/problem.ts';
import type { Run, RunPage } from '../../api/contract/run.ts';
import { startApi } from '../../api/start-api.ts';
import { openDb, type Db } from '../../db/database.ts';
import { readConfig } from '../../runtime/config.ts';
import { createLog } from '../../runtime/log.ts';
import { createDatabase, newTaskQueue, temporalAddress } from '../support/servers.ts';
import { createProject, writeFiles } from '../support/project.ts';
import { until } from '../support/until.ts';

/** What any answer may hold; a test looks at what its own one does. */
export type Body = OurRun & RunPage & LogPage & Pipeline & PipelineList & Ready & Problem & OpenApi;

/** A run with a workflow behind it. */
type OurRun = Run & { readonly workflow_id: string };

interface OpenApi {
  readonly openapi: string;
  readonly paths: object;
  readonly components: { readonly schemas: object };
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
}

/** An API of its own: database, project folder and task queue belong to one test file. */
export interface TestApi {
  readonly url: string;
  readonly db: Db;
  readonly temporal: Client;
  readonly taskQueue: string;
  get(path: string): Promise<Answer>;
  post(path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** Any other method, with a JSON body. */
  send(method: string, path: string, body: unknown): Promise<Answer>;
  write(files: Readonly<Record<string, string>>): Promise<void>;
  /** Removes a file of the project. */
  remove(path: string): Promise<void>;
  stop(): Promise<void>;
}

export interface TestApiOptions {
  readonly files?: Readonly<Record<string, string>>;
  /** Addresses to use instead of the real ones. */
  readonly through?: (real: Addresses) => Promise<Addresses>;
  /** More of what the API reads from its environment. */
  readonly settings?: Readonly<Record<string, string>>;
  /** What `${{ env.X }}` sees. */
  readonly env?: Readonly<Record<string, string>>;
}

interface Addresses {
  readonly database: string;
  readonly temporal: string;
}

const FILES = {
  'pipelines/numbers.yaml': `
description: Counts
params:
  month: { type: string, pattern: '^\\d{4}-\\d{2}$', default: '2001-01' }
  count: { type: integer, default: 3 }
blocks:
  numbers: { kind: loader, file: numbers.sql }
  doubled: { kind: transformer, file: doubled.sql, inputs: [numbers] }
`,
  'blocks/numbers.sql': 'select i from range(1000) t(i)\n',
  'blocks/doubled.sql': 'select i * 2 as i from numbers\n',
};

export async function startTestApi({
  files,
  settings,
  through,
  env = {},
}: TestApiOptions = {}): Promise<TestApi> {
  const folder = await createProject({ ...FILES, ...files });
  const real = { database: await createDatabase(), temporal: temporalAddress() };
  const used = through ? await through(real) : real;
  const log = createLog('test', process.env['LOG_LEVEL'] ?? 'silent');
  const config = readConfig({
    DATABASE_URL: used.database,
    TEMPORAL_ADDRESS: used.temporal,
    HIGHWATER_PORT: '0',
    HIGHWATER_PROJECT: folder,
    HIGHWATER_TASK_QUEUE: newTaskQueue(),
    ...settings,
  });
  const api = await startApi(config, log, env);
  const url = `http://127.0.0.1:${api.port}`;
  const db = openDb(real.database, log, 4);
  const connection = await Connection.connect({ address: real.temporal });
  const test: TestApi = {
    url,
    db,
    temporal: new Client({ connection }),
    taskQueue: config.taskQueue,
    get: (path) => ask(url + path),
    post: (path, body, headers) =>
      ask(url + path, {
        method: 'POST',
        headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
        ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      }),
    send: (method, path, body) =>
      ask(url + path, {
        method,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    write: (texts) => writeFiles(folder, texts),
    remove: (path) => rm(join(folder, path)),
    stop: async () => {
      await api.stop();
      await Promise.all([db.destroy(), connection.close()]);
      await rm(folder, { recursive: true });
    },
  };
  await until(async () => (await test.get('/health/ready')).status === 200);
  return test;
}

async function ask(url: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(url, init);
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: (text === '' ? null : JSON.parse(text)) as Body,
  };
}
