import { parseExpression, type ExpressionPlace } from '../pipeline/expression.ts';
import { hasExpression, splitTemplate } from '../pipeline/template.ts';
import { Fault } from '../runtime/fault.ts';
import type { Json, JsonObject } from '../runtime/json.ts';

/** What `${{ }}` sees in the params of a sub-pipeline. */
export interface RunScope {
  readonly params: JsonObject;
  readonly run: RunFacts;
  readonly watermark: string | null;
  readonly blocks: Readonly<Record<string, { readonly value: Json }>>;
}

/** What `run.…` offers. Times are ISO 8601, and null where the run stands for none. */
interface RunFacts {
  /** Unknown to the params of a schedule: its run has no row yet. */
  readonly id?: number;
  readonly pipeline: string;
  readonly scheduled_at: string | null;
  readonly interval_start: string | null;
  readonly interval_end: string | null;
}

/** What `${{ }}` sees in the texts of a channel: the fields of `NOTICE_FIELDS`. */
export interface NoticeScope {
  readonly notice: JsonObject;
}

/** What `${{ }}` sees in the address of a connection. */
export interface ConnectionScope {
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * Evaluates every `${{ }}` inside the values. A text that is one expression takes on the type of its
 * value; inside other text the value is written out. Throws `expression.invalid`.
 */
export function evaluate(values: JsonObject, scope: RunScope): JsonObject {
  const names = toCel(scope as unknown as JsonObject) as Record<string, unknown>;
  return mapTexts(values, (text) => evaluateTemplate(text, 'params', names)) as JsonObject;
}

/** Evaluates every `${{ env.NAME }}` of a connection's address. Throws `connection.invalid`. */
export function evaluateText(text: string, { env }: ConnectionScope): string {
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined));
  try {
    const value = evaluateTemplate(text, 'connection', { env: set });
    return asText(value);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    const message = error.message.replace(/no such key: (\w+)$/, 'set the environment variable $1');
    throw new Fault('connection.invalid', message, { cause: error });
  }
}

/** Evaluates every `${{ notice.FIELD }}` of a text. Throws `expression.invalid`. */
export function evaluateNoticeText(text: string, { notice }: NoticeScope): string {
  return asText(evaluateTemplate(text, 'notice', { notice: toCel(notice) }));
}

/** Evaluates the key of a limit, and writes its value out. Throws `expression.invalid`. */
export function evaluateLimitKey(text: string, { params }: Pick<RunScope, 'params'>): string {
  return asText(evaluateTemplate(text, 'limit', { params: toCel(params) }));
}

/** What `${{ }}` sees in what a sensor waits for. */
export interface SensorScope {
  readonly params: JsonObject;
  readonly run: JsonObject;
  readonly watermark: string | null;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Evaluates every `${{ }}` of a sensor's path, address or header. Throws `expression.invalid`. */
export function evaluateSensorText(text: string, scope: SensorScope): string {
  const env: Record<string, string> = {};
  for (const [name, its] of Object.entries(scope.env)) if (its !== undefined) env[name] = its;
  const names = toCel({ ...scope, env }) as Record<string, unknown>;
  return asText(evaluateTemplate(text, 'sensor', names));
}

/** What a trigger's params see: the event, or the events of a batch, or what was posted. */
export type TriggerScope =
  | { readonly event: JsonObject }
  | { readonly events: readonly JsonObject[] }
  | { readonly body: Json; readonly headers: JsonObject };

/** Evaluates every `${{ }}` inside the params of a trigger. Throws `expression.invalid`. */
export function evaluateTriggerParams(params: JsonObject, scope: TriggerScope): JsonObject {
  const names = toCel(scope) as Record<string, unknown>;
  const place = 'event' in scope ? 'event' : 'events' in scope ? 'events' : 'body';
  return mapTexts(params, (text) => evaluateTemplate(text, place, names)) as JsonObject;
}

/** Evaluates a text such as a dedup key, and writes its value out. Throws `expression.invalid`. */
export function evaluateEventText(text: string, event: JsonObject): string {
  return asText(evaluateTemplate(text, 'event', { event: toCel(event) }));
}

/** Whether a filter says yes. Throws `expression.invalid`, also when it is neither true nor false. */
export function evaluateFilter(source: string, event: JsonObject): boolean {
  const value = evaluateOne(source, 'event', { event: toCel(event) });
  if (typeof value === 'boolean') return value;
  throw invalid(source, 'a filter must be true or false');
}

function mapTexts(value: Json, change: (text: string) => Json): Json {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((item: Json) => mapTexts(item, change));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, mapTexts(inner, change)]),
  );
}

function evaluateTemplate(
  text: string,
  place: ExpressionPlace,
  names: Readonly<Record<string, unknown>>,
): Json {
  if (!hasExpression(text)) return text;
  const { parts, unclosed } = splitTemplate(text);
  if (unclosed !== undefined) throw invalid(text, 'it is never closed with }}');

  const values = parts.map((part) =>
    'text' in part ? part.text : evaluateOne(part.expression, place, names),
  );
  const [only] = values;
  return values.length === 1 && only !== undefined ? only : values.map(asText).join('');
}

function evaluateOne(
  source: string,
  place: ExpressionPlace,
  names: Readonly<Record<string, unknown>>,
): Json {
  const { expression, problem } = parseExpression(source, place);
  if (problem) throw invalid(source, problem.message);
  try {
    return toJson(expression.evaluate(names));
  } catch (error) {
    throw invalid(source, error instanceof Error ? error.message : String(error));
  }
}

function invalid(source: string, reason: string): Fault {
  return new Fault('expression.invalid', `\${{ ${source.trim()} }}: ${reason}`);
}

function asText(value: Json): string {
  if (value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** CEL tells whole numbers from others by type. */
function toCel(value: Json): unknown {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (Array.isArray(value)) return value.map(toCel);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, toCel(inner)]));
}

function toJson(value: unknown): Json {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'bigint') return toJson(Number(value));
  if (typeof value === 'number') {
    if (Number.isInteger(value) && !Number.isSafeInteger(value))
      throw new Error('the number is too large');
    if (Number.isFinite(value)) return value;
    throw new Error('the value is not a finite number');
  }
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map(toJson);
  if (value instanceof Map) return toJson(Object.fromEntries(value));
  if (typeof value === 'object' && isPlain(value)) {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, toJson(inner)]));
  }
  throw new Error('the value is no JSON: turn it into text with string(…)');
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
