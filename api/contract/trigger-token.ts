import * as z from 'zod';
import { Actor } from './actor.ts';

export const TokenRequest = z.strictObject({ actor: Actor }).meta({ id: 'TokenRequest' });

export const RevokeQuery = z.strictObject({ by: Actor });

export const TriggerToken = z
  .object({
    trigger: z.int(),
    pipeline: z.string(),
    name: z.string(),
    token: z.string().describe('Told this once: only its SHA-256 is kept'),
    path: z.string().describe('Where it is sent to, as `Authorization: Bearer …`'),
  })
  .meta({ id: 'TriggerToken' });
export type TriggerToken = z.infer<typeof TriggerToken>;

export const TokenRevoked = z
  .object({ trigger: z.int(), pipeline: z.string(), name: z.string() })
  .meta({ id: 'TokenRevoked' });
export type TokenRevoked = z.infer<typeof TokenRevoked>;
