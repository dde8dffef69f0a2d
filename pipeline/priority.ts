import * as z from 'zod';

/** Of a run that waits to begin: 1 goes first, 5 last. */
export const Priority = z.int().min(1).max(5);
