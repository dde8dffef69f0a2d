import * as z from 'zod';

/** A moment, as ISO 8601 in UTC. */
export const Time = z.iso.datetime();
