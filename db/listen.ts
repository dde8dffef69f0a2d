import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { Logger } from '../runtime/log.ts';

const RECONNECT_MS = 500;

export interface Listening {
  close(): Promise<void>;
}

/**
 * Calls `heard` whenever something is announced on the channel, through one connection of its own, which
 * is opened again when it is lost. It calls it too, without a payload, whenever it has begun to listen:
 * something may have been missed before.
 */
export function listen(
  connectionString: string,
  channel: string,
  heard: (payload?: string) => void,
  log: Logger,
): Listening {
  const closing = new AbortController();
  let current: pg.Client | undefined;

  const hear = async (): Promise<void> => {
    const client = new pg.Client({ connectionString, keepAlive: true });
    current = client;
    const ended = new Promise<void>((resolve) => client.once('end', resolve));
    client.on('error', (error) => {
      log.warn({ err: error, channel }, 'channel lost');
    });
    client.on('notification', ({ payload = '' }) => {
      heard(payload);
    });
    await client.connect();
    await client.query(`listen ${channel}`);
    heard();
    await ended;
  };
  const keepHearing = async (): Promise<void> => {
    const { signal } = closing;
    while (!signal.aborted) {
      await hear().catch((error: unknown) => {
        log.debug({ err: error, channel }, 'channel could not connect');
      });
      await delay(RECONNECT_MS, undefined, { signal }).catch(() => undefined);
    }
  };

  const stopped = keepHearing();
  return {
    close: async () => {
      closing.abort();
      await current?.end();
      await stopped;
    },
  };
}
