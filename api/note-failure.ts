import { isAway } from '../db/away.ts';
import { Fault } from '../runtime/fault.ts';
import type { Logger } from '../runtime/log.ts';

/** Logs what failed in the background. That a server is away is said where runs wait for it: here it is a detail. */
export function noteFailure(log: Logger, message: string): (error: unknown) => void {
  return (error) => {
    const away = isAway(error) || (error instanceof Fault && error.code === 'temporal.unavailable');
    log[away ? 'debug' : 'error']({ err: error }, message);
  };
}
