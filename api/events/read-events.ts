import { Fault } from '../../runtime/fault.ts';
import { isRecord, type Json, type JsonObject } from '../../runtime/json.ts';
import { CloudEvent, CloudEvents } from '../contract/event.ts';
import { parse } from '../http/parse.ts';
import { decode, parseJson } from '../http/raw-body.ts';
import { storageProblem } from '../http/storable-json.ts';

/** A request as it came; names of headers are in small letters. */
export interface EventRequest {
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Buffer;
}

export interface ReadEvents {
  readonly events: readonly CloudEvent[];
  /** Sent as a list, and answered so. */
  readonly batched: boolean;
}

/**
 * Reads CloudEvents 1.0 as HTTP carries them: structured, batched or binary. Fails with `request.invalid`,
 * or `request.unsupported` when it is none of them.
 * https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md
 */
export function readEvents({ headers, body }: EventRequest): ReadEvents {
  const contentType = textOf(headers['content-type']) ?? '';
  const media = (contentType.split(';')[0] ?? '').trim().toLowerCase();
  if (media === 'application/cloudevents+json') {
    return { events: [parse(CloudEvent, withoutNulls(parseJson(body)), 'body')], batched: false };
  }
  if (media === 'application/cloudevents-batch+json') {
    const list = parseJson(body);
    const events = Array.isArray(list) ? list.map(withoutNulls) : list;
    return { events: parse(CloudEvents, events, 'body'), batched: true };
  }
  if (headers['ce-specversion'] !== undefined) {
    const event = { ...attributesIn(headers), ...dataOf(body, media, contentType) };
    return { events: [parse(CloudEvent, event, 'body')], batched: false };
  }
  const message =
    'Send a CloudEvent as application/cloudevents+json, several as application/cloudevents-batch+json, or one with ce- headers';
  throw new Fault('request.unsupported', message);
}

/** An attribute that is null counts as left out; data may be null. */
function withoutNulls(value: Json): Json {
  if (!isRecord(value)) return value;
  const said = Object.entries(value);
  return Object.fromEntries(said.filter(([name, its]) => its !== null || name === 'data'));
}

function attributesIn(headers: EventRequest['headers']): JsonObject {
  const named = Object.entries(headers).filter(([name]) => name.startsWith('ce-'));
  const attributes = Object.fromEntries(
    named.map(([name, value]) => [name.slice(3), attributeOf(name, textOf(value) ?? '')]),
  );
  const problem = storageProblem(attributes);
  if (problem !== null) throw new Fault('request.invalid', `headers: ${problem}`);
  return attributes;
}

/** Values are percent-encoded, and may stand in quotes. */
function attributeOf(name: string, text: string): string {
  const bare = /^".*"$/s.test(text) ? text.slice(1, -1).replace(/\\(.)/gs, '$1') : text;
  try {
    return decodeURIComponent(bare);
  } catch (error) {
    throw new Fault('request.invalid', `${name}: is not percent-encoded`, { cause: error });
  }
}

function dataOf(body: Buffer, media: string, contentType: string): JsonObject {
  if (body.length === 0) return {};
  if (media === '' || media === 'application/json' || media.endsWith('+json')) {
    return { datacontenttype: contentType || 'application/json', data: parseJson(body) };
  }
  if (media.startsWith('text/')) {
    const text = decode(body);
    const problem = storageProblem(text);
    if (problem === null) return { datacontenttype: contentType, data: text };
  }
  return { datacontenttype: contentType, data_base64: body.toString('base64') };
}

function textOf(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === 'object' ? value.join(', ') : value;
}
