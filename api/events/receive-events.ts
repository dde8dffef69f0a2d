import type { Db } from '../../db/database.ts';
import { storeEvents, type NewEvent, type StoredEvent } from '../../db/events/store-events.ts';
import { gather } from '../watcher/gather.ts';

const MOST = 64;
const LANES = 4;

/** Keeps events; what is sent at the same time is written together. */
export type ReceiveEvents = (events: readonly NewEvent[]) => Promise<readonly StoredEvent[]>;

export function createReceiveEvents(db: Db): ReceiveEvents {
  return gather(
    async (sent: readonly (readonly NewEvent[])[]) => {
      const stored = await storeEvents(db, sent.flat());
      let from = 0;
      return sent.map(({ length }) => stored.slice(from, (from += length)));
    },
    { most: MOST, lanes: LANES },
  );
}
