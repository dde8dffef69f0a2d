import type { Db } from '../../db/database.ts';
import { startTestApi } from '../api/test-api.ts';

/** What a path of Watcher's answers; null is an empty body. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

export type Record = Readonly<globalThis.Record<string, unknown>>;

/** An API of its own, as Watcher's clients use it. */
export interface Watcher {
  readonly url: string;
  readonly db: Db;
  get(path: string): Promise<Answer>;
  post(path: string, body?: unknown): Promise<Answer>;
  patch(path: string, body: unknown): Promise<Answer>;
  /** Declares a pipeline; answers its id. */
  newPipeline(name?: string): Promise<number>;
  pipeline(id: number): Promise<Record>;
  /** Reports a start; answers the execution's id. */
  start(pipeline: number, fields?: object): Promise<number>;
  /** Reports a successful end at this moment, unless the fields say something else. */
  end(id: number, fields?: object): Promise<void>;
  execution(id: number): Promise<Record>;
  stop(): Promise<void>;
}

/** `settings`: environment variables of the API. */
export async function startWatcher(
  settings: globalThis.Record<string, string> = {},
): Promise<Watcher> {
  const api = await startTestApi({ settings });
  const ask = async (method: string, path: string, body?: unknown): Promise<Answer> => {
    const response = await fetch(api.url + path, {
      method,
      ...(body !== undefined && { headers: { 'content-type': 'application/json' } }),
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? null : (JSON.parse(text) as unknown) };
  };
  const expectDone = async (method: string, path: string, body?: unknown) => {
    const answer = await ask(method, path, body);
    if (answer.status >= 300) throw new Error(`${path}: ${JSON.stringify(answer)}`);
    return answer.body as Record;
  };
  let count = 0;
  return {
    url: api.url,
    db: api.db,
    get: (path) => ask('GET', path),
    post: (path, body) => ask('POST', path, body),
    patch: (path, body) => ask('PATCH', path, body),
    newPipeline: async (name = `pipeline ${(count += 1)}`) => {
      const body = { name, pipeline_type_name: 'test' };
      return (await expectDone('POST', '/pipeline', body))['id'] as number;
    },
    pipeline: (id) => expectDone('GET', `/pipeline/${id}`),
    start: async (pipeline_id, fields) => {
      const body = { pipeline_id, ...fields };
      return (await expectDone('POST', '/start_pipeline_execution', body))['id'] as number;
    },
    end: async (id, fields) => {
      const end_date = new Date().toISOString();
      const body = { id, end_date, completed_successfully: true, ...fields };
      await expectDone('POST', '/end_pipeline_execution', body);
    },
    execution: (id) => expectDone('GET', `/pipeline_execution/${id}`),
    stop: () => api.stop(),
  };
}
