import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { Logger } from '../runtime/log.ts';

const RECONNECT_MS = 500;

type Heard = (payload?: string) => void;

/**
 * What is announced in a database, heard through one connection, which is opened again when it is lost. Postgres wakes
 * every connection that listens to anything whenever something is announced, so one is enough for a process.
 */
export interface Channels {
  /**
   * Calls `heard` whenever something is announced on the channel. It calls it too, without a payload, whenever
   * listening has begun: something may have been missed before.
   */
  listen(channel: string, heard: Heard): void;
  close(): Promise<void>;
}

export function openChannels(connectionString: string, log: Logger): Channels {
  const closing = new AbortController();
  const listeners = new Map<string, Set<Heard>>();
  let connecting: pg.Client | undefined;
  let connected: pg.Client | undefined;
  let before: Promise<void> = Promise.resolve();
  const stopped = keepHearing();

  return {
    listen(channel, heard) {
      const group = listeners.get(channel) ?? new Set();
      listeners.set(channel, group.add(heard));
      // A connection that is lost meanwhile is opened again, and hears every channel then.
      if (connected) begin(connected, channel).catch(() => undefined);
    },
    async close() {
      closing.abort();
      await connecting?.end();
      await stopped;
    },
  };

  async function keepHearing(): Promise<void> {
    const { signal } = closing;
    while (!signal.aborted) {
      await hear().catch((error: unknown) => {
        log.debug({ err: error }, 'channels could not connect');
      });
      connected = undefined;
      await delay(RECONNECT_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  async function hear(): Promise<void> {
    const client = new pg.Client({
      ...{ connectionString, keepAlive: true, application_name: 'highwater' },
    });
    connecting = client;
    const ended = new Promise<void>((resolve) => client.once('end', resolve));
    client.on('error', (error) => {
      log.warn({ err: error, channels: [...listeners.keys()] }, 'channels lost');
    });
    client.on('notification', ({ channel, payload = '' }) => {
      for (const heard of listeners.get(channel) ?? []) heard(payload);
    });
    await client.connect();
    connected = client;
    for (const channel of listeners.keys()) await begin(client, channel);
    await ended;
  }

  /** One after the other: a connection takes one statement at a time. */
  function begin(client: pg.Client, channel: string): Promise<void> {
    const begun = before.then(async () => {
      await client.query(`listen ${channel}`);
      for (const heard of listeners.get(channel) ?? []) heard();
    });
    before = begun.catch(() => undefined);
    return begun;
  }
}
