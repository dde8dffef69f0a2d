import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApi, type TestApi } from './test-api.ts';

/** Each would end a statement into which it was pasted, and remove a table. */
const TEXTS = [
  `'; drop table canary; --`,
  `"; drop table canary; --`,
  `1); drop table canary; --`,
  `$1'::text; drop table canary; --`,
  `\\'; drop table canary; --`,
];
const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;

interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
}
interface Operation {
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly requestBody?: {
    readonly content: Readonly<Record<string, { readonly schema: Schema }>>;
  };
}
interface Document {
  readonly paths: Readonly<Record<string, Partial<Record<(typeof METHODS)[number], Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

let api: TestApi;

beforeAll(async () => {
  api = await startTestApi();
  await sql`create table canary (alive boolean)`.execute(api.db);
});
afterAll(() => api.stop());

test('SQL in any field, parameter or part of a path is never run', async () => {
  const document = (await api.get('/openapi.json')).body as unknown as Document;
  let asked = 0;
  for (const text of TEXTS) {
    for (const request of requestsOf(document, text)) {
      const { status } = await send(request);
      expect(status, `${request.method} ${request.path}`).toBeLessThan(500);
      asked += 1;
    }
  }
  expect(asked).toBeGreaterThan(100);
  const { rows } = await sql`select to_regclass('canary') is not null as lives`.execute(api.db);
  expect(rows).toEqual([{ lives: true }]);
});

interface Request {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
}

function requestsOf(document: Document, text: string): Request[] {
  return Object.entries(document.paths).flatMap(([path, operations]) =>
    METHODS.flatMap((method) => {
      const operation = operations[method];
      if (!operation) return [];
      const query = (operation.parameters ?? [])
        .filter((parameter) => parameter.in === 'query')
        .map(({ name }) => `${name}=${encodeURIComponent(text)}`);
      const place = path.replaceAll(/\{[^}]+\}/g, encodeURIComponent(text));
      const schema = operation.requestBody?.content['application/json']?.schema;
      const body = schema && fill(document, schema, text);
      // One with its query and one without: whatever is wrong with the query hides the rest.
      const asked = [{ method, path: place, body }];
      return query.length > 0
        ? [...asked, ...query.map((one) => ({ method, path: `${place}?${one}`, body }))]
        : asked;
    }),
  );
}

/** A value of this shape that has the text wherever there may be one. */
function fill(document: Document, schema: Schema, text: string, depth = 0): unknown {
  if (depth > 6) return text;
  const inner = (one: Schema) => fill(document, one, text, depth + 1);
  if (schema.$ref) {
    const name = schema.$ref.split('/').at(-1) ?? '';
    return inner(document.components.schemas[name] ?? {});
  }
  const [first] = schema.anyOf ?? schema.oneOf ?? [];
  if (first) return inner(first);
  if (schema.allOf) return Object.assign({}, ...schema.allOf.map((one) => inner(one) as object));
  const type = Array.isArray(schema.type) ? String(schema.type[0]) : schema.type;
  if (type === 'integer' || type === 'number') return 1;
  if (type === 'boolean') return true;
  if (type === 'array') return [inner(schema.items ?? {})];
  if (!schema.properties) return type === 'object' ? { [text]: text } : text;
  return Object.fromEntries(
    Object.entries(schema.properties).map(([name, its]) => [name, inner(its)]),
  );
}

/** Some answers are pages, not JSON. */
async function send({ method, path, body }: Request): Promise<{ readonly status: number }> {
  const response = await fetch(api.url + path, {
    method: method.toUpperCase(),
    ...(method !== 'get' && {
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body ?? {}),
    }),
  });
  await response.arrayBuffer();
  return response;
}
