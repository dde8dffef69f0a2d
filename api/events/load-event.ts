import type { Db } from '../../db/database.ts';
import { getEvent, listMatches } from '../../db/events/event-records.ts';
import type { Event } from '../contract/event.ts';
import { toEvent } from './event-view.ts';

/** An event with what it matched, at one moment. Fails with `event.not_found`. */
export async function loadEvent(db: Db, id: number): Promise<Event> {
  return db
    .transaction()
    .setIsolationLevel('repeatable read')
    .execute(async (tx) => toEvent(await getEvent(tx, id), await listMatches(tx, id)));
}
