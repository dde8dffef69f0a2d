import {
  findFiredTrigger,
  takeFromRate,
  type FiredTrigger,
  type TriggerAddress,
} from '../../db/triggers/api-triggers.ts';
import { evaluateTriggerParams } from '../../plan/expression.ts';
import { Fault } from '../../runtime/fault.ts';
import { isRecord, type Json, type JsonObject } from '../../runtime/json.ts';
import type { ApiRule } from '../../triggers/api-rule.ts';
import type { ApiDeps } from '../deps.ts';
import { parseJson } from '../http/raw-body.ts';
import { requestRun, type RequestedRun } from '../runs/request-run.ts';
import { isAuthorized, type FireRequest } from './authorize.ts';

/** What firing came to: a run, too many of them, or a delivery that only says hello. */
export type Fired =
  { readonly run: RequestedRun } | { readonly retryAfterMs: number } | { readonly ignored: 'ping' };

/** Headers that say who is calling, and nothing of what has happened. */
const SECRET_HEADERS = ['authorization', 'cookie', 'stripe-signature', 'x-hub-signature-256'];

/** Of this process, since it began. */
let refused = 0;

/**
 * Asks for a run of an API trigger's pipeline. Fails with `trigger.not_found`, `request.unauthorized`,
 * `trigger.paused`, or as `requestRun` does; then nothing was changed.
 */
export async function fireTrigger(
  deps: ApiDeps,
  address: TriggerAddress,
  request: FireRequest & { readonly key: string | undefined; readonly headers: JsonObject },
): Promise<Fired> {
  const trigger = await getApiTrigger(deps, address);
  const rule = trigger.definition.api;
  if (!isAuthorized(rule, trigger, request, deps.env)) throw unauthorized(deps, trigger);
  if (trigger.paused) {
    const message = `Trigger ${trigger.name} of ${trigger.pipeline} is paused: it starts nothing until it is resumed`;
    throw new Fault('trigger.paused', message);
  }
  if (isPing(rule, request)) return { ignored: 'ping' };
  const retryAfterMs = rule.rate ? await takeFromRate(deps.db, trigger.id, rule.rate) : 0;
  if (retryAfterMs > 0) return { retryAfterMs };

  const body = request.body.length === 0 ? {} : parseJson(request.body);
  const params = paramsOf(trigger.definition.params, body, request.headers);
  const id = deliveryOf(rule, request, body);
  const key = id === undefined ? undefined : `trigger:${trigger.id}:${id}`;
  const { priority } = trigger.definition;
  const cause = {
    trigger: 'api',
    triggerId: trigger.id,
    ...(priority !== undefined && { priority }),
  };
  return { run: await requestRun(deps, trigger.pipeline, { params }, key, cause) };
}

type ApiTrigger = FiredTrigger & {
  readonly definition: { readonly kind: 'api'; readonly api: ApiRule };
};

/** Fails with `trigger.not_found`, and with `trigger.wrong_kind` for one that is not fired over HTTP. */
export async function getApiTrigger(
  { db }: Pick<ApiDeps, 'db'>,
  address: TriggerAddress,
): Promise<ApiTrigger> {
  const trigger = await findFiredTrigger(db, address);
  const name = 'id' in address ? String(address.id) : `${address.pipeline}/${address.name}`;
  if (!trigger) throw new Fault('trigger.not_found', `There is no trigger ${name}`);
  if (isApi(trigger)) return trigger;
  const message = `Trigger ${name} is no API trigger: it has no token, and is not fired this way`;
  throw new Fault('trigger.wrong_kind', message);
}

function isApi(trigger: FiredTrigger): trigger is ApiTrigger {
  return trigger.definition.kind === 'api';
}

/** GitHub asks a new webhook whether anybody is there. */
function isPing({ signature }: ApiRule, { header }: FireRequest): boolean {
  return signature?.type === 'github' && header('x-github-event') === 'ping';
}

/** The same words, whatever was wrong. */
function unauthorized({ log }: ApiDeps, { id, name, pipeline }: FiredTrigger): Fault {
  refused += 1;
  log.warn({ trigger: id, pipeline, name, refused }, 'fire refused');
  return new Fault(
    'request.unauthorized',
    'The token or the signature is missing, wrong or too old',
  );
}

function paramsOf(mapping: JsonObject | undefined, body: Json, headers: JsonObject): JsonObject {
  if (mapping) return evaluateTriggerParams(mapping, { body, headers: shown(headers) });
  if (isRecord(body)) return body;
  throw new Fault('request.invalid', 'body: must be a map of params');
}

function shown(headers: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !SECRET_HEADERS.includes(name)),
  );
}

/** What tells a delivery from another one: a webhook's own id, or else the caller's key. */
function deliveryOf(
  { signature }: ApiRule,
  { key, header }: Parameters<typeof fireTrigger>[2],
  body: Json,
): string | undefined {
  if (!signature) return key;
  if (signature.type === 'github') return header('x-github-delivery')?.slice(0, 255) ?? key;
  return isRecord(body) && typeof body['id'] === 'string' ? body['id'].slice(0, 255) : key;
}
