import { randomUUID } from 'node:crypto';
import { untilBack } from '../../db/away.ts';
import type { NewEvent } from '../../db/events/store-events.ts';
import { openChannels } from '../../db/channels.ts';
import type { Json } from '../../runtime/json.ts';
import type { Logger } from '../../runtime/log.ts';
import { storageProblem } from '../http/storable-json.ts';
import type { ReceiveEvents } from './receive-events.ts';
import type { Watch } from './watch.ts';

interface Channel {
  readonly url: string;
  readonly channel: string;
  /** The name of the events' source. */
  readonly source: string;
}

/** Tells of whatever is announced on a channel of somebody's Postgres. What nobody heard there is lost. */
export function watchChannel(
  { url, channel, source }: Channel,
  receiveEvents: ReceiveEvents,
  log: Logger,
): Watch {
  const closing = new AbortController();
  const keep = async (event: NewEvent) => {
    try {
      await untilBack(() => receiveEvents([event]), closing.signal);
    } catch (error) {
      log.error({ err: error, source }, 'notification not kept');
    }
  };
  const heard = (payload?: string) => {
    if (payload !== undefined) void keep(toEvent(source, payload));
  };
  const channels = openChannels(url, log);
  channels.listen(channel, heard);
  return {
    everyMs: Infinity,
    look: () => Promise.resolve(),
    close: async () => {
      closing.abort();
      await channels.close();
    },
  };
}

function toEvent(source: string, payload: string): NewEvent {
  const id = randomUUID();
  const type = 'highwater.postgres.notified';
  const time = new Date().toISOString();
  const body = { specversion: '1.0', id, source, type, time, data: readPayload(payload) };
  return { source, eventId: id, type, body };
}

/** JSON where it is some; the text otherwise. */
function readPayload(payload: string): Json {
  try {
    const value = JSON.parse(payload) as Json;
    return storageProblem(value) === null ? value : payload;
  } catch {
    return payload;
  }
}
