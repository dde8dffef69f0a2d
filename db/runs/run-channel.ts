import { Alarm } from '../../runtime/alarm.ts';
import type { Logger } from '../../runtime/log.ts';
import { RUN_CHANNEL } from './close-run.ts';
import { listen } from '../listen.ts';

/** Hears of every end of a run, through one connection of its own. */
export interface RunChannel {
  /** Begins to listen for one run: subscribe first, and read its row then. */
  subscribe(id: number): RunSubscription;
  close(): Promise<void>;
}

interface RunSubscription {
  /** Resolves when the run may have ended since the call before, or after `ms`. */
  next(ms: number): Promise<void>;
  /** Resolves a pending `next`. */
  wake(): void;
  close(): void;
}

export function openRunChannel(connectionString: string, log: Logger): RunChannel {
  const listeners = new Map<number, Set<Alarm>>();
  const heard = (payload?: string) => {
    const ids = payload === undefined ? listeners.keys() : payload.split(',').map(Number);
    for (const id of ids) for (const alarm of listeners.get(id) ?? []) alarm.ring();
  };
  const listening = listen(connectionString, RUN_CHANNEL, heard, log);

  return {
    subscribe: (id) => {
      const alarm = new Alarm();
      const group = listeners.get(id) ?? new Set<Alarm>();
      listeners.set(id, group.add(alarm));
      return {
        next: async (ms) => {
          await alarm.sleep(ms);
        },
        wake: () => {
          alarm.ring();
        },
        close: () => {
          group.delete(alarm);
          if (group.size === 0) listeners.delete(id);
        },
      };
    },
    close: () => listening.close(),
  };
}
