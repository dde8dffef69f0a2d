import * as z from 'zod';

const Slots = z.int().min(1).max(1_000_000);

/** In `highwater.yaml`: a limit that blocks of all pipelines share. */
export const PoolDefinition = z.strictObject({
  slots: Slots.describe('How many are in use at most'),
});

/** In a block: the pool whose slots each of its attempts holds; one slot when only the name is given. */
export const PoolUse = z.union([
  z.string().min(1),
  z.strictObject({ name: z.string().min(1), slots: Slots.default(1) }),
]);
export type PoolUse = z.infer<typeof PoolUse>;

/** The pool and its slots, however it is written. */
export function poolUse(use: PoolUse): { readonly name: string; readonly slots: number } {
  return typeof use === 'string' ? { name: use, slots: 1 } : use;
}
