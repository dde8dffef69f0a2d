import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import type * as z from 'zod';
import { Ready } from '../api/contract/health.ts';
import { JSON_LINES } from '../api/contract/json-lines.ts';
import { Problem } from '../api/contract/problem.ts';
import { Fault, isFaultCode, messageOf } from '../runtime/fault.ts';
import type { Json } from '../runtime/json.ts';

/** Speaks to the HTTP API; every answer is checked against its schema. */
export interface ApiClient {
  get<Schema extends z.ZodType>(path: string, schema: Schema): Promise<z.output<Schema>>;
  post<Schema extends z.ZodType>(
    path: string,
    schema: Schema,
    sent?: SendOptions,
  ): Promise<z.output<Schema>>;
  put<Schema extends z.ZodType>(
    path: string,
    schema: Schema,
    sent?: SendOptions,
  ): Promise<z.output<Schema>>;
  patch<Schema extends z.ZodType>(
    path: string,
    schema: Schema,
    sent?: SendOptions,
  ): Promise<z.output<Schema>>;
  /** Posts for an answer that comes in lines of JSON. Fails with `stack.missing` when it breaks off. */
  lines<Schema extends z.ZodType>(
    path: string,
    schema: Schema,
    sent: LinesOptions,
  ): AsyncIterable<z.output<Schema>>;
  delete<Schema extends z.ZodType>(path: string, schema: Schema): Promise<z.output<Schema>>;
  /** What the API says about its servers, well or not. */
  ready(): Promise<Ready>;
}

/** Finds the API of the running stack, or fails with `stack.missing`. */
export type Connect = () => Promise<ApiClient>;

interface SendOptions {
  readonly body?: object | Json;
  readonly headers?: Readonly<Record<string, string>>;
}

interface LinesOptions extends SendOptions {
  /** What to say when the answer breaks off. */
  readonly hungUp: string;
}

/** Fails with `stack.missing` when nothing answers at this address. */
export function createApiClient(baseUrl: string): ApiClient {
  const ask = async (path: string, init: RequestInit): Promise<unknown> => {
    const response = await reach(new URL(path, baseUrl), init);
    const text = await response.text();
    if (response.ok) return JSON.parse(text);
    throw toFault(response.status, text);
  };
  const askForLines = async function* (path: string, init: RequestInit, hungUp: string) {
    const response = await reach(new URL(path, baseUrl), init);
    if (!response.ok || !response.body) throw toFault(response.status, await response.text());
    try {
      for await (const line of createInterface(Readable.fromWeb(response.body))) {
        yield JSON.parse(line) as unknown;
      }
    } catch (error) {
      throw new Fault('stack.missing', hungUp, { cause: error });
    }
  };
  return {
    get: async (path, schema) => schema.parse(await ask(path, {})),
    post: async (path, schema, sent) => schema.parse(await ask(path, sending('POST', sent))),
    put: async (path, schema, sent) => schema.parse(await ask(path, sending('PUT', sent))),
    patch: async (path, schema, sent) => schema.parse(await ask(path, sending('PATCH', sent))),
    lines: async function* (path, schema, { hungUp, ...sent }) {
      const headers = { ...sent.headers, accept: JSON_LINES };
      const init = sending('POST', { ...sent, headers });
      for await (const line of askForLines(path, init, hungUp)) {
        yield schema.parse(line);
      }
    },
    delete: async (path, schema) => schema.parse(await ask(path, sending('DELETE'))),
    ready: async () => {
      const response = await reach(new URL('/health/ready', baseUrl), {});
      return Ready.parse(await response.json());
    },
  };
}

function sending(method: string, { body, headers }: SendOptions = {}): RequestInit {
  return {
    method,
    headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  };
}

async function reach(url: URL, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const message = `No API answers at ${url.origin} (${messageOf(cause)}): start it with "highwater dev"`;
    throw new Fault('stack.missing', message, { cause: error });
  }
}

function toFault(status: number, text: string): Fault {
  const problem = parseProblem(text);
  if (problem) return faultOf(problem);
  return new Fault('internal', `The API answered ${status}: ${text.slice(0, 500)}`);
}

/** What the API said is wrong. */
export function faultOf({ code, detail, errors = [], status }: Problem): Fault {
  if (isFaultCode(code)) return new Fault(code, detail, { errors });
  return new Fault('internal', `The API answered ${status}: ${detail}`);
}

function parseProblem(text: string): Problem | undefined {
  try {
    return Problem.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
