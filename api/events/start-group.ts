import { markStarted, markUnstarted, type DueGroup } from '../../db/events/due-groups.ts';
import { findRequest } from '../../db/runs/run-requests.ts';
import { evaluateTriggerParams, type TriggerScope } from '../../plan/expression.ts';
import { Fault } from '../../runtime/fault.ts';
import type { ApiDeps } from '../deps.ts';
import { requestRun } from '../runs/request-run.ts';
import { scopeOf } from './judge.ts';

/**
 * Starts the run that a group is for, once, however often it is tried. What can't be started is marked
 * with the reason; it fails only when another try may succeed.
 */
export async function startGroup(deps: ApiDeps, group: DueGroup): Promise<void> {
  const { id, pipeline, trigger, paused, removed } = group;
  const { db, log } = deps;
  if (paused || removed) {
    const code = removed ? 'removed' : 'paused';
    const message = removed ? 'The trigger was removed' : 'The trigger was paused';
    await markUnstarted(db, id, 'skipped', { code, message });
    return;
  }
  try {
    const run = (group.again && (await findStarted(deps, group))) || (await start(deps, group));
    await markStarted(db, id, run);
  } catch (error) {
    if (!(error instanceof Fault) || error.retryable) throw error;
    const { code, message } = error;
    await markUnstarted(db, id, 'dead', { code, message });
    log.warn({ group: id, pipeline, trigger, err: error }, 'event started no run');
  }
}

/** The trigger may have changed since, and would ask for something else under the same key. */
async function findStarted({ db }: ApiDeps, group: DueGroup): Promise<number | undefined> {
  return (await findRequest(db, group.pipeline, keyOf(group)))?.id;
}

async function start(deps: ApiDeps, group: DueGroup): Promise<number> {
  const { definition, pipeline, triggerId } = group;
  const params = evaluateTriggerParams(definition.params ?? {}, scope(group));
  const { priority } = definition;
  const cause = { trigger: 'event', triggerId, ...(priority !== undefined && { priority }) };
  return (await requestRun(deps, pipeline, { params }, keyOf(group), cause)).id;
}

function scope({ definition, events }: DueGroup): TriggerScope {
  const scopes = events.map(scopeOf);
  return definition.event.batch ? { events: scopes } : { event: scopes[0] ?? {} };
}

/** `db/events/inside-events.ts` finds the group of a run by it. */
function keyOf({ id, triggerId }: DueGroup): string {
  return `event:${triggerId}:${id}`;
}
