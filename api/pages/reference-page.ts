import { document, html, table, type Html } from './html.ts';

interface Operation {
  readonly summary?: string | undefined;
  readonly tags?: readonly string[] | undefined;
}

/** What of an OpenAPI document a person reads first. */
interface Described {
  readonly paths?: Readonly<Record<string, object>> | undefined;
}

/** Every request that the API answers, in the order of the document; fields are for `/openapi.json` to tell. */
export function referencePage({ paths = {} }: Described): Html {
  const requests = Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations as Record<string, Operation>).map(([method, { summary, tags }]) => [
      method.toUpperCase(),
      path,
      summary ?? '',
      (tags ?? []).join(', '),
    ]),
  );
  return document(
    'API',
    html`<p>Fields and answers: <a href="/openapi.json">/openapi.json</a></p>
      ${table(['', 'path', '', ''], requests)}`,
  );
}
