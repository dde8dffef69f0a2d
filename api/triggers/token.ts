import { randomBytes } from 'node:crypto';
import { putToken, removeToken, type TriggerAddress } from '../../db/triggers/api-triggers.ts';
import { recordChange } from '../../db/triggers/changes.ts';
import { Fault } from '../../runtime/fault.ts';
import type { TriggerToken, TokenRevoked } from '../contract/trigger-token.ts';
import type { ApiDeps } from '../deps.ts';
import { digestOf } from './authorize.ts';
import { getApiTrigger } from './fire-trigger.ts';

/** 256 bits. */
const BYTES = 32;

/** Gives a trigger a new token; the one before is worth nothing from now on. It is told once. */
export async function rotateToken(
  deps: ApiDeps,
  address: TriggerAddress,
  actor: string,
): Promise<TriggerToken> {
  const { id, name, pipeline, definition, sha256 } = await getApiTrigger(deps, address);
  if (definition.api.signature) {
    const message = `Trigger ${name} of ${pipeline} takes signed webhooks: it needs no token`;
    throw new Fault('trigger.wrong_kind', message);
  }
  const token = `hwt_${randomBytes(BYTES).toString('base64url')}`;
  const action = sha256 === null ? 'token created' : 'token rotated';
  await deps.db.transaction().execute(async (tx) => {
    await putToken(tx, id, digestOf(token), actor);
    await recordChange(tx, { pipeline, trigger: name, action, actor, details: {} });
  });
  return { trigger: id, pipeline, name, token, path: `/api/triggers/${id}/fire` };
}

/** From now on nobody can fire the trigger. Fails with `trigger.no_token` when it has none. */
export async function revokeToken(
  deps: ApiDeps,
  address: TriggerAddress,
  actor: string,
): Promise<TokenRevoked> {
  const { id, name, pipeline } = await getApiTrigger(deps, address);
  await deps.db.transaction().execute(async (tx) => {
    if (!(await removeToken(tx, id))) {
      throw new Fault('trigger.no_token', `Trigger ${name} of ${pipeline} has no token`);
    }
    await recordChange(tx, {
      pipeline,
      trigger: name,
      action: 'token revoked',
      actor,
      details: {},
    });
  });
  return { trigger: id, pipeline, name };
}
