import * as z from 'zod';
import { Time } from './time.ts';

/** A block that holds slots of a pool, or waits for them. */
const PoolLease = z
  .object({
    run: z.int(),
    pipeline: z.string(),
    block: z.string(),
    attempt: z.int(),
    slots: z.int(),
    priority: z.int(),
    place: z.int().nullable().describe('Among those that wait, from 1; null: it holds its slots'),
    worker: z.string().nullable().describe('Null until its attempt has begun'),
    asked_at: Time,
    granted_at: Time.nullable(),
    expires_at: Time.nullable().describe('Its slots are free then, unless its worker renews them'),
  })
  .meta({ id: 'PoolLease' });

export const Pool = z
  .object({
    name: z.string(),
    project: z.string().describe('Whose it is: another project may have one of the same name'),
    slots: z.int(),
    used: z.int(),
    free: z.int().describe('Below zero: it was made smaller while more were in use'),
    holders: z.array(PoolLease),
    waiting: z.array(PoolLease).describe('In the order in which they have their turn'),
  })
  .meta({ id: 'Pool' });
export type Pool = z.infer<typeof Pool>;

export const PoolList = z.object({ pools: z.array(Pool) }).meta({ id: 'PoolList' });
export type PoolList = z.infer<typeof PoolList>;

const PoolChange = z
  .object({
    id: z.int(),
    project: z.string(),
    pool: z.string(),
    action: z.string().describe('`created`, `changed` or `removed`'),
    actor: z.string(),
    details: z.record(z.string(), z.unknown()).describe('Its `slots`, and what they were `before`'),
    changed_at: Time,
  })
  .meta({ id: 'PoolChange' });

export const PoolChanges = z
  .object({ changes: z.array(PoolChange).describe('The newest first, 50 at most') })
  .meta({ id: 'PoolChanges' });
export type PoolChanges = z.infer<typeof PoolChanges>;
