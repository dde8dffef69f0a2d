import * as z from 'zod';

/** Who does it. */
export const Actor = z
  .string()
  .min(1)
  .max(150)
  .regex(/^[^\0]*$/, 'must not hold U+0000');

/** Whoever does not say who it is. */
export const SOMEBODY = 'api';

export const ActorIfSaid = Actor.optional().describe(`Who; \`${SOMEBODY}\` when left out`);
