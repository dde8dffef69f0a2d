import type { Event, EventPage, EventReceipt } from '../../api/contract/event.ts';
import { KEYS, type BucketServer } from '../support/bucket-server.ts';
import { startTestApi, type TestApi, type TestApiOptions } from './test-api.ts';
import { until } from '../support/until.ts';

/** The file of a project with a bucket server for a connection, `lake`. */
export const LAKE = `
name: lake
connections:
  lake:
    type: s3
    endpoint: '\${{ env.LAKE_URL }}'
    access_key_id: '\${{ env.LAKE_KEY }}'
    secret_access_key: '\${{ env.LAKE_SECRET }}'
`;

/** What that project reads from its environment. */
export function lakeAt({ endpoint }: Pick<BucketServer, 'endpoint'>) {
  return {
    ...{ LAKE_URL: endpoint, LAKE_KEY: KEYS.accessKeyId },
    LAKE_SECRET: KEYS.secretAccessKey,
  };
}

/** A pipeline of one quick block, which takes an order or several. */
export const pipelineWith = (triggers: string) => `
params:
  order: { type: string, default: '' }
  orders: { type: array, default: [] }
triggers:
${triggers}
blocks:
  numbers: { kind: loader, file: numbers.sql }
`;

/** An API that knows so many triggers. */
export async function startEventApi(options: TestApiOptions, triggers: number): Promise<TestApi> {
  const api = await startTestApi(options);
  await until(async () => {
    const rows = await api.db.selectFrom('trigger').select('id').execute();
    return rows.length === triggers;
  });
  return api;
}

export interface Sent {
  readonly id: string;
  readonly type: string;
  readonly source?: string;
  readonly subject?: string;
  readonly data?: unknown;
}

export async function send(api: TestApi, event: Sent) {
  const body = { specversion: '1.0', source: 'till', ...event };
  const headers = { 'content-type': 'application/cloudevents+json' };
  const { status, body: answer } = await api.post('/api/events', body, headers);
  return { status, receipt: answer as unknown as EventReceipt };
}

/** Stored in one piece, so that no pause of a busy machine comes between them. */
export async function sendTogether(
  api: TestApi,
  events: readonly Sent[],
): Promise<readonly EventReceipt[]> {
  const list = events.map((event) => ({ specversion: '1.0', source: 'till', ...event }));
  const headers = { 'content-type': 'application/cloudevents-batch+json' };
  const { body } = await api.post('/api/events', list, headers);
  return (body as unknown as { events: EventReceipt[] }).events;
}

export async function show(api: TestApi, id: number): Promise<Event> {
  return (await api.get(`/api/events/${id}`)).body as unknown as Event;
}

/** The event as soon as somebody has looked at it. */
export function matched(api: TestApi, id: number): Promise<Event> {
  return until(async () => {
    const event = await show(api, id);
    return event.state === 'received' ? undefined : event;
  });
}

/** The event as soon as each of its matches has come to an end. */
export function settled(api: TestApi, id: number): Promise<Event> {
  return until(async () => {
    const event = await matched(api, id);
    return event.matches.some(({ state }) => state === 'waiting') ? undefined : event;
  });
}

/** The newest first. */
export async function listEvents(api: TestApi, type: string): Promise<EventPage['events']> {
  const page = (await api.get(`/api/events?type=${type}&limit=100`)).body as unknown as EventPage;
  return page.events;
}

export async function paramsOf(api: TestApi, run: number | null | undefined) {
  return (await api.get(`/api/runs/${run}`)).body.params;
}
