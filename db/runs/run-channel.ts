import { Alarm } from '../../runtime/alarm.ts';
import { RUN_CHANNEL } from './close-run.ts';
import type { Channels } from '../channels.ts';

/** Hears of every end of a run. */
export interface RunChannel {
  /** Begins to listen for one run: subscribe first, and read its row then. */
  subscribe(id: number): RunSubscription;
}

interface RunSubscription {
  /** Resolves when the run may have ended since the call before, or after `ms`. */
  next(ms: number): Promise<void>;
  /** Resolves a pending `next`. */
  wake(): void;
  close(): void;
}

export function openRunChannel(channels: Channels): RunChannel {
  const listeners = new Map<number, Set<Alarm>>();
  const heard = (payload?: string) => {
    const ids = payload === undefined ? listeners.keys() : payload.split(',').map(Number);
    for (const id of ids) for (const alarm of listeners.get(id) ?? []) alarm.ring();
  };
  channels.listen(RUN_CHANNEL, heard);

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
  };
}
