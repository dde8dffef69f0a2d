import { sql, type RawBuilder } from 'kysely';
import type { JsonObject } from '../../runtime/json.ts';
import type { Db } from '../database.ts';

/** A delivery that this process alone may attempt until its lease ends. */
export interface ClaimedDelivery {
  readonly id: number;
  readonly notice: number;
  readonly channel: string;
  /** The same at every attempt, so that receivers can tell a second copy. */
  readonly messageId: string;
  readonly content: JsonObject;
  /** This attempt's number, from 1. */
  readonly attempt: number;
  readonly createdAt: Date;
}

/**
 * Takes the delivery that has been due for longest, on none of the `busy` channels. It stays pending,
 * and is due again after `leaseMs`, should this process die. Deliveries of one notice to one channel
 * go out in their order.
 */
export async function claimDelivery(
  db: Db,
  busy: readonly string[],
  leaseMs: number,
): Promise<ClaimedDelivery | undefined> {
  const { rows } = await sql<ClaimedDelivery>`
    with due as (
      select p.id from notice_delivery p
      where p.state = 'pending' and p.next_attempt_at <= clock_timestamp()
        and p.channel <> all(${busy}::text[])
        and not exists (
          select from notice_delivery e
          where e.notice_id = p.notice_id and e.channel = p.channel and e.id < p.id
            and e.state = 'pending'
        )
      order by p.next_attempt_at
      limit 1
      for update skip locked
    )
    update notice_delivery d set
      attempts = d.attempts + 1,
      next_attempt_at = clock_timestamp() + ${leaseMs}::float8 * interval '1 millisecond'
    from due where d.id = due.id
    returning d.id, d.notice_id as notice, d.channel, d.message_id as "messageId", d.content,
      d.attempts as attempt, d.created_at as "createdAt"`.execute(db);
  return rows[0];
}

/** `note`: what should be known of a delivery that succeeded all the same. */
export async function markDelivered(
  db: Db,
  { id }: ClaimedDelivery,
  note: string | null,
): Promise<void> {
  await db
    .updateTable('notice_delivery')
    .set({ state: 'delivered', last_error: note, ended_at: sql`clock_timestamp()` })
    .where('id', '=', id)
    .where('state', '=', 'pending')
    .execute();
}

/** Whoever has claimed it since knows better, and is left alone. */
export async function markFailed(
  db: Db,
  { id, attempt }: ClaimedDelivery,
  error: string,
  nextAttemptInMs: number | null,
): Promise<void> {
  const next =
    nextAttemptInMs === null
      ? { state: 'given_up', ended_at: sql<Date>`clock_timestamp()` }
      : {
          next_attempt_at: sql<Date>`clock_timestamp()
            + ${nextAttemptInMs}::float8 * interval '1 millisecond'`,
        };
  await db
    .updateTable('notice_delivery')
    .set({ ...next, last_error: error })
    .where('id', '=', id)
    .where('state', '=', 'pending')
    .where('attempts', '=', attempt)
    .execute();
}

/** Milliseconds until the next delivery becomes due; null when none waits for its time. */
export async function untilNextDue(db: Db): Promise<number | null> {
  const { rows } = await sql<{ ms: number | null }>`
    select (extract(epoch from min(next_attempt_at) - clock_timestamp()) * 1000)::float8 as ms
    from notice_delivery
    where state = 'pending' and next_attempt_at > clock_timestamp()`.execute(db);
  return rows[0]?.ms ?? null;
}

/** The channels that have been told of the notice `alias`, or are about to be. */
export function toldChannels(alias: string): RawBuilder<string[]> {
  return sql<string[]>`
    array(select distinct d.channel from notice_delivery d where d.notice_id = ${sql.ref(`${alias}.id`)})`;
}
