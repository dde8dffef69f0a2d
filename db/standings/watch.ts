import { sql } from 'kysely';
import { SHORTEST_THRESHOLD_MS } from '../../metadata/threshold.ts';
import type { Db } from '../database.ts';

/** On this channel the watch is asked to look again, before the moment that it sleeps until. */
export const WATCH_CHANNEL = 'highwater_watch';

/**
 * The watch never sleeps longer. It is shorter than any threshold, so that a start that is told of at
 * once needs no call.
 */
export const LONGEST_SLEEP_MS = 50_000;
/** A start or end that is told of later than this may have a deadline before the watch wakes by itself. */
export const BELATED_MS = SHORTEST_THRESHOLD_MS - LONGEST_SLEEP_MS;
/** Longer without a check than three sleeps: nobody was there to do it. */
const GAP_MS = 3 * LONGEST_SLEEP_MS;
const DAY_MS = 86_400_000;

/** Wakes the watch, should it sleep beyond this moment. Of many callers at once one sends a call. */
export async function wakeWatch(tx: Db, at: Date = new Date()): Promise<void> {
  await sql`select wake_watch(${at})`.execute(tx);
}

/** Called in the transaction that starts a run of somebody else's; most starts cost nothing. */
export async function noteStart(tx: Db, start: Date): Promise<void> {
  if (Date.now() - start.getTime() <= BELATED_MS) return;
  await wakeWatch(tx, new Date(start.getTime() + SHORTEST_THRESHOLD_MS));
}

/** From now on whatever happens calls the watch, until it sleeps again. Records how long nobody checked. */
export async function beginCheck(db: Db): Promise<void> {
  await sql`
    with before as (select checked_at from watch), gap as (
      insert into watch_gap (since, until)
      select checked_at, clock_timestamp() from before
      where checked_at < clock_timestamp() - make_interval(secs => ${GAP_MS / 1000})
    )
    update watch set wakes_at = 'infinity', checked_at = clock_timestamp()`.execute(db);
}

/** Notes when the watch wakes by itself; answers the milliseconds until then, at least `pauseMs`. */
export async function planSleep(db: Db, next: Date | null, pauseMs: number): Promise<number> {
  // Postgres reads no years beyond 9999 as JavaScript writes them.
  const soon = next && next.getTime() < Date.now() + DAY_MS ? next : null;
  const { rows } = await sql<{ ms: number }>`
    with plan as (
      select least(
        greatest(coalesce(${soon}::timestamptz + interval '1 millisecond', 'infinity'),
          clock_timestamp() + make_interval(secs => ${pauseMs / 1000})),
        clock_timestamp() + make_interval(secs => ${LONGEST_SLEEP_MS / 1000})) as at
    )
    update watch set wakes_at = least(wakes_at, plan.at) from plan
    returning ceil(extract(epoch from plan.at - clock_timestamp()) * 1000)::int as ms`.execute(db);
  return Math.max(pauseMs, rows[0]?.ms ?? pauseMs);
}
