import { Client, Connection } from '@temporalio/client';
import { rm } from 'node:fs/promises';
import type { LogLine, LogPage } from '../../api/contract/log.ts';
import type { Problem } from '../../api/contract/problem.ts';
import type { Run as AnyRun, RunPage, RunRequest } from '../../api/contract/run.ts';
import { openDb, type Db } from '../../db/database.ts';
import { isClosed } from '../../plan/run-state.ts';
import type { Json } from '../../runtime/json.ts';
import { createLog } from '../../runtime/log.ts';
import { createSurroundings, startApi, startWorker, type Surroundings } from './processes.ts';
import { createProject } from './project.ts';
import { until } from './until.ts';

/** A run with a workflow behind it. */
type Run = AnyRun & { readonly workflow_id: string };

/** A real API and a real worker for one project, on the real servers of this test run. */
export interface Engine {
  /** Of the API. */
  readonly url: string;
  readonly around: Surroundings;
  readonly db: Db;
  readonly temporal: Client;
  /** The processes that run now. */
  readonly pids: { readonly api: number; readonly worker: number };
  /** As `kill -9` does it; another one takes its place. */
  killWorker(): Promise<void>;
  /** The same for the API; the next one has the same address. */
  killApi(): Promise<void>;
  start(pipeline: string, request?: RunRequest): Promise<Run>;
  /** Starts a run and waits for its end. */
  run(pipeline: string, request?: RunRequest): Promise<Run>;
  show(id: number | undefined): Promise<Run>;
  list(query: string): Promise<RunPage['runs']>;
  ended(id: number): Promise<Run>;
  cancel(id: number): Promise<void>;
  logs(id: number): Promise<LogLine[]>;
  /** The JSON value that a block of a run returned. */
  valueOf(id: number, block: string): Promise<Json>;
  stop(): Promise<void>;
}

const END_MS = 240_000;

export async function startEngine(files: Readonly<Record<string, string>>): Promise<Engine> {
  return startEngineFor(await createProject(files));
}

export async function startEngineFor(project: string): Promise<Engine> {
  return startEngineAround(await createSurroundings(project));
}

type Environment = Readonly<Record<string, string>>;

/** `more`: further settings of its processes. */
export async function startEngineAround(
  around: Surroundings,
  more: { readonly api?: Environment; readonly worker?: Environment } = {},
): Promise<Engine> {
  let [api, worker] = await Promise.all([
    startApi(around, more.api),
    startWorker(around, more.worker),
  ]);
  const { url } = api;
  const connection = await Connection.connect({ address: around.temporal });
  const db = openDb(around.databaseUrl, createLog('test', 'silent'), 2);

  const show = (id: number | undefined) => get<Run>(`/api/runs/${id}`);
  const ended = (id: number) =>
    until(async () => {
      const run = await get<Run>(`/api/runs/${id}?wait=30s`);
      return isClosed(run.state) ? run : undefined;
    }, END_MS);
  const start = (pipeline: string, request: RunRequest = {}) =>
    ask<Run>(`/api/pipelines/${pipeline}/runs`, { method: 'POST', ...json(request) });

  return {
    url,
    around,
    db,
    temporal: new Client({ connection }),
    get pids() {
      return { api: api.pid, worker: worker.pid };
    },
    async killWorker() {
      await worker.kill();
      worker = await startWorker(around, more.worker);
    },
    async killApi() {
      await api.kill();
      api = await startApi(around, { ...more.api, HIGHWATER_PORT: new URL(url).port });
    },
    start,
    run: async (pipeline, request) => ended((await start(pipeline, request)).id),
    show,
    list: async (query) => (await get<RunPage>(`/api/runs?${query}`)).runs,
    ended,
    async cancel(id) {
      await ask(`/api/runs/${id}/cancel`, { method: 'POST' });
    },
    logs: async (id) => (await get<LogPage>(`/api/runs/${id}/logs`)).lines,
    async valueOf(id, block) {
      const row = await db
        .selectFrom('block_run')
        .select('value')
        .where('execution_id', '=', id)
        .where('block', '=', block)
        .orderBy('attempt', 'desc')
        .executeTakeFirstOrThrow();
      return row.value as Json;
    },
    async stop() {
      await Promise.all([worker.stop(), api.stop()]);
      await Promise.all([db.destroy(), connection.close()]);
      await rm(around.home, { recursive: true });
    },
  };

  function get<Answer>(path: string): Promise<Answer> {
    return ask<Answer>(path, {});
  }

  async function ask<Answer>(path: string, init: RequestInit): Promise<Answer> {
    const response = await fetch(url + path, init);
    const body: unknown = await response.json();
    if (!response.ok) throw new Error(`${path}: ${(body as Problem).detail}`);
    return body as Answer;
  }
}

function json(body: unknown): RequestInit {
  return { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
}
