import { createHash } from 'node:crypto';
import type { Db } from '../../db/database.ts';
import { forgetFiles, noteSeen } from '../../db/events/seen-files.ts';
import type { NewEvent } from '../../db/events/store-events.ts';
import type { JsonObject } from '../../runtime/json.ts';
import type { ReceiveEvents } from './receive-events.ts';

/** A file or an object that is new, or has changed. */
export interface Arrival {
  readonly path: string;
  /** Another one whenever its content is. */
  readonly stamp: string;
  readonly type: string;
  readonly modifiedMs: number;
  readonly data: JsonObject;
}

export interface ArrivalDeps {
  readonly db: Db;
  readonly receiveEvents: ReceiveEvents;
}

/**
 * Tells of what has arrived at a place and remembers it, and forgets what is gone. Whoever dies in between tells
 * of it again under the same id, which starts nothing.
 */
export async function noteArrivals(
  { db, receiveEvents }: ArrivalDeps,
  source: string,
  { arrived, gone }: { readonly arrived: readonly Arrival[]; readonly gone: readonly string[] },
): Promise<void> {
  if (arrived.length > 0) {
    await receiveEvents(arrived.map((arrival) => toEvent(source, arrival)));
    await noteSeen(db, source, arrived);
  }
  if (gone.length > 0) await forgetFiles(db, source, gone);
}

const LONGEST_ID = 255;

function toEvent(source: string, { path, stamp, type, modifiedMs, data }: Arrival): NewEvent {
  const whole = `${stamp}:${path}`;
  const digest = () => createHash('sha256').update(path).digest('hex');
  const id = whole.length > LONGEST_ID ? `${stamp}:${digest()}` : whole;
  const time = new Date(modifiedMs).toISOString();
  const about = { ...data, modified_at: time };
  const body = { specversion: '1.0', id, source, type, subject: path, time, data: about };
  return { source, eventId: id, type, body };
}
