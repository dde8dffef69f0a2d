import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { Logger } from '../runtime/log.ts';
import { RUN_CHANNEL } from './close-run.ts';

const RECONNECT_MS = 500;

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
  const listeners = new Map<number, Set<Listener>>();
  const wakeAll = () => {
    for (const group of listeners.values()) for (const listener of group) listener.wake();
  };

  let current: pg.Client | undefined;
  const listen = async (): Promise<void> => {
    const client = new pg.Client({ connectionString, keepAlive: true });
    current = client;
    const ended = new Promise<void>((resolve) => client.once('end', resolve));
    client.on('error', (error) => {
      log.warn({ err: error }, 'run channel lost');
    });
    client.on('notification', ({ payload }) => {
      for (const id of payload?.split(',') ?? [])
        for (const listener of listeners.get(Number(id)) ?? []) listener.wake();
    });
    await client.connect();
    await client.query(`listen ${RUN_CHANNEL}`);
    wakeAll();
    await ended;
  };

  const closing = new AbortController();
  const keepListening = async (): Promise<void> => {
    while (!closing.signal.aborted) {
      await listen().catch((error: unknown) => {
        log.debug({ err: error }, 'run channel could not connect');
      });
      await delay(RECONNECT_MS, undefined, { signal: closing.signal }).catch(() => undefined);
    }
  };
  const stopped = keepListening();

  return {
    subscribe: (id) => {
      const listener = new Listener();
      const group = listeners.get(id) ?? new Set<Listener>();
      listeners.set(id, group.add(listener));
      return {
        next: (ms) => listener.next(ms),
        wake: () => {
          listener.wake();
        },
        close: () => {
          group.delete(listener);
          if (group.size === 0) listeners.delete(id);
        },
      };
    },
    close: async () => {
      closing.abort();
      await current?.end();
      await stopped;
    },
  };
}

/** Remembers one wake-up that nobody was waiting for. */
class Listener {
  private woken = false;
  private resolve: (() => void) | undefined;

  wake(): void {
    this.woken = true;
    this.resolve?.();
  }

  async next(ms: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    if (!this.woken) {
      await new Promise<void>((resolve) => {
        this.resolve = resolve;
        timer = setTimeout(resolve, ms);
      });
    }
    clearTimeout(timer);
    this.woken = false;
    this.resolve = undefined;
  }
}
