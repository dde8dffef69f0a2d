import type { Impact, Lineage } from '../../api/contract/lineage.ts';
import { until } from '../support/until.ts';
import type { TestApi } from './test-api.ts';

/** An answer with a body of whatever kind the test says. */
export interface JsonAnswer<Body> {
  readonly status: number;
  readonly body: Body;
}

/** Asks again, as the API says it should, when the machine is too busy to answer in time. */
export function ask<Body>(
  api: TestApi,
  method: string,
  path: string,
  body?: unknown,
): Promise<JsonAnswer<Body>> {
  return until(async () => {
    const response = await fetch(api.url + path, {
      method,
      ...(body !== undefined && {
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    });
    const answer = (await response.json()) as Body;
    return response.status === 503 ? undefined : { status: response.status, body: answer };
  });
}

/** An address as Watcher's clients name it. */
export function place(name: string, more: object = {}) {
  return { name, address_type_name: 'postgres', address_type_group_name: 'database', ...more };
}

export async function declare(api: TestApi, name: string): Promise<number> {
  const pipeline = { name, pipeline_type_name: 'reported' };
  return (await ask<{ id: number }>(api, 'POST', '/pipeline', pipeline)).body.id;
}

/** Makes a pipeline flow from these addresses to those. */
export async function flow(
  api: TestApi,
  pipeline: number,
  sources: readonly string[],
  targets: readonly string[],
) {
  const post = {
    pipeline_id: pipeline,
    source_addresses: sources.map((name) => place(name)),
    target_addresses: targets.map((name) => place(name)),
  };
  const answer = await ask<{ lineage_relationships_created: number; message: string }>(
    ...([api, 'POST', '/address_lineage', post] as const),
  );
  if (answer.status >= 300) throw new Error(JSON.stringify(answer));
  return answer;
}

type Way = 'upstream' | 'downstream';

/** Names of the addresses on the way, with their depth. */
export async function reached(api: TestApi, way: Way, query: string): Promise<string[]> {
  const { body } = await ask<Lineage>(api, 'GET', `/api/lineage/${way}?${query}`);
  return body.addresses.map(({ name, depth }) => `${depth} ${name}`);
}

export async function touched(api: TestApi, query: string): Promise<Impact> {
  return (await ask<Impact>(api, 'GET', `/api/lineage/impact?${query}`)).body;
}
