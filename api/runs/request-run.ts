import { createHash, randomBytes } from 'node:crypto';
import {
  findRequest,
  insertRequest,
  NORMAL_PRIORITY,
  type RequestKey,
  type RunCause,
} from '../../db/runs/run-requests.ts';
import { limitOf } from '../../plan/limit.ts';
import { resolveParams } from '../../plan/params.ts';
import { Fault } from '../../runtime/fault.ts';
import { canonicalJson, type JsonObject } from '../../runtime/json.ts';
import type { RunRequest } from '../contract/run.ts';
import type { ApiDeps } from '../deps.ts';

export interface RequestedRun {
  readonly id: number;
  /** True: the key was used before, and this is that request's run. */
  readonly replayed: boolean;
}

/**
 * Commits a queued run of a pipeline's current plan, then tries to start it at once; a trigger's is one of the last
 * good plan while the definition is broken. The same key with the same body answers the same run; with another body it
 * is a `request.conflict`.
 */
export async function requestRun(
  deps: ApiDeps,
  pipeline: string,
  body: RunRequest,
  key: string | undefined,
  cause: RunCause,
): Promise<RequestedRun> {
  const requestKey = key === undefined ? null : { value: key, hash: hashOf(body) };
  const earlier = requestKey && (await findEarlier(deps, pipeline, requestKey));
  if (earlier) return earlier;

  const { pipelineId, plan } = await (cause.triggerId === undefined
    ? deps.catalog.getCurrent(pipeline)
    : deps.catalog.getLastGood(pipeline));
  const params = resolveParams(plan.params, (body.params ?? {}) as JsonObject);
  const run = {
    pipeline,
    plan: plan.hash,
    params,
    fullLoad: body.full_load ?? false,
  };
  const asked = body.priority === undefined ? cause : { ...cause, priority: body.priority };
  const claimed = deps.dispatcher.hasRoom;
  const salt = randomBytes(3).toString('hex');
  const inserted = await insertRequest(deps.db, {
    ...run,
    pipelineId,
    limit: limitOf(plan, params),
    cause: asked,
    salt,
    claimed,
    key: requestKey,
  });
  if (!inserted) return findWinner(deps, pipeline, requestKey);
  if (claimed) {
    const { trigger, priority = NORMAL_PRIORITY } = asked;
    await deps.dispatcher.dispatch({ ...run, ...inserted, trigger, priority });
  } else deps.dispatcher.ring();
  return { id: inserted.id, replayed: false };
}

async function findWinner(
  deps: ApiDeps,
  pipeline: string,
  key: RequestKey | null,
): Promise<RequestedRun> {
  const winner = key && (await findEarlier(deps, pipeline, key));
  if (winner) return winner;
  throw new Error(`A run of ${pipeline} was neither inserted nor found`);
}

async function findEarlier({ db, catalog }: ApiDeps, pipeline: string, key: RequestKey) {
  catalog.requireKnown(pipeline);
  const found = await findRequest(db, pipeline, key.value);
  if (!found) return undefined;
  if (found.hash === key.hash) return { id: found.id, replayed: true };
  const message = `This Idempotency-Key was used for run ${found.id} with another body: take a new key`;
  throw new Fault('request.conflict', message);
}

function hashOf({ params = {}, full_load = false, priority }: RunRequest): string {
  const asked = { params, full_load, ...(priority !== undefined && { priority }) };
  return createHash('sha256').update(canonicalJson(asked)).digest('hex');
}
