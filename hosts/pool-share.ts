import type { HostPool } from './pool.ts';
import { createTurns } from './turns.ts';

/** Lets one kind of work have no more than so many hosts of a pool at once. */
export function createPoolShare(pool: HostPool, max: number): Pick<HostPool, 'run'> {
  const turns = createTurns(max);
  return {
    async run(language, request, io) {
      await turns.take(io.signal);
      try {
        return await pool.run(language, request, io);
      } finally {
        turns.give();
      }
    },
  };
}
