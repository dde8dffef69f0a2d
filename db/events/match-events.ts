import { sql } from 'kysely';
import { groupEvents, type Join } from '../../triggers/grouping.ts';
import { postgresJson, type JsonObject } from '../../runtime/json.ts';
import type { Db } from '../database.ts';
import { PREPARED } from '../prepared.ts';
import { listEventTriggers, type EventTriggerRow } from './event-triggers.ts';
import { readOpenGroups, saveGroups } from './event-groups.ts';
import { LOCKS } from '../locks.ts';

const BATCH = 200;

export interface WaitingEvent {
  readonly id: number;
  readonly source: string;
  readonly type: string;
  readonly body: JsonObject;
  readonly depth: number;
}

/** Why something was not started. */
export interface Reason {
  readonly code: string;
  readonly message: string;
}

/** What a trigger makes of an event that it waits for. */
export type Verdict =
  | { readonly state: 'taken'; readonly key: string; readonly dedup?: string }
  | { readonly state: 'skipped' | 'dead'; readonly reason: Reason };

/** Undefined: the trigger does not wait for this event. */
export type Judge = (trigger: EventTriggerRow, event: WaitingEvent) => Verdict | undefined;

/** Matches events that nobody has looked at yet, in the order of their coming. True: there may be more. */
export async function matchWaiting(db: Db, judge: Judge): Promise<boolean> {
  return db.transaction().execute(async (tx) => {
    await takeTurn(tx);
    const events = await takeWaiting(tx);
    if (events.length > 0) await matchEvents(tx, await listEventTriggers(tx), events, judge);
    return events.length === BATCH;
  });
}

/** One process at a time matches, so that debounce and batches see events in their order. */
export async function takeTurn(tx: Db): Promise<void> {
  await sql`${PREPARED} select pg_advisory_xact_lock(${LOCKS.events})`.execute(tx);
}

async function takeWaiting(tx: Db): Promise<readonly WaitingEvent[]> {
  const { rows } = await sql<WaitingEvent>`
    ${PREPARED} with taken as (
      update event set matched_at = clock_timestamp()
      where id in (select id from event where matched_at is null order by id limit ${BATCH})
      returning id, source, type, body, depth
    )
    select * from taken order by id`.execute(tx);
  return rows;
}

interface Found {
  readonly event: WaitingEvent;
  readonly trigger: EventTriggerRow;
  readonly verdict: Verdict;
}

/** Writes down what each trigger makes of each event; whoever calls has taken their turn. */
export async function matchEvents(
  tx: Db,
  triggers: readonly EventTriggerRow[],
  events: readonly WaitingEvent[],
  judge: Judge,
): Promise<void> {
  const found = events.flatMap((event) =>
    triggers.flatMap((trigger): Found[] => {
      const verdict = judge(trigger, event);
      return verdict ? [{ event, trigger, verdict }] : [];
    }),
  );
  const doubles = await findDoubles(tx, found);
  const taken = found.filter((one) => one.verdict.state === 'taken' && !doubles.has(one));
  const groupOf = await joinGroups(tx, taken);
  await insertMatches(
    tx,
    found.map((one) => ({
      event: one.event.id,
      trigger: one.trigger.id,
      state: groupOf.has(one) ? 'grouped' : doubles.has(one) ? 'duplicate' : one.verdict.state,
      group: groupOf.get(one) ?? null,
      reason: 'reason' in one.verdict ? { ...one.verdict.reason } : null,
    })),
  );
}

/** Those whose trigger has seen their dedup value before. */
async function findDoubles(tx: Db, found: readonly Found[]): Promise<ReadonlySet<Found>> {
  const values = found.flatMap((one) => {
    const { event, trigger, verdict } = one;
    if (verdict.state !== 'taken' || verdict.dedup === undefined) return [];
    return [{ one, row: { trigger: trigger.id, value: verdict.dedup, event: event.id } }];
  });
  if (values.length === 0) return new Set();
  const { rows } = await sql<{ trigger_id: number; event_id: number }>`
    ${PREPARED} insert into event_dedup (trigger_id, value, event_id)
    select r.trigger, r.value, r.event
    from jsonb_to_recordset(${postgresJson(values.map(({ row }) => row))}::jsonb)
      as r(trigger int, value text, event bigint)
    order by r.event
    on conflict (trigger_id, value) do nothing
    returning trigger_id, event_id`.execute(tx);
  const first = new Set(rows.map((row) => `${row.trigger_id}:${row.event_id}`));
  return new Set(
    values.filter(({ row }) => !first.has(`${row.trigger}:${row.event}`)).map(({ one }) => one),
  );
}

async function joinGroups(tx: Db, taken: readonly Found[]): Promise<ReadonlyMap<Found, number>> {
  if (taken.length === 0) return new Map();
  const joins = taken.map(toJoin);
  const waiting = joins.filter(({ rule }) => rule.debounce ?? rule.batch);
  const { open, nowMs } = await readOpenGroups(tx, waiting);
  const { groups, places } = groupEvents(joins, open, nowMs);
  const ids = await saveGroups(tx, groups);
  return new Map(taken.map((one, at) => [one, ids[places[at] ?? -1] ?? 0]));
}

function toJoin({ event, trigger, verdict }: Found): Join {
  const { debounce, batch } = trigger.definition.event;
  return {
    triggerId: trigger.id,
    key: verdict.state === 'taken' ? verdict.key : '',
    rule: { ...(debounce && { debounce }), ...(batch && { batch }) },
    depth: event.depth,
  };
}

async function insertMatches(tx: Db, matches: readonly JsonObject[]): Promise<void> {
  if (matches.length === 0) return;
  await sql`
    ${PREPARED} insert into event_match (event_id, trigger_id, state, group_id, reason)
    select r.event, r.trigger, r.state, r."group", r.reason
    from rows from (jsonb_to_recordset(${postgresJson(matches)}::jsonb)
      as (event bigint, trigger int, state text, "group" bigint, reason jsonb)) with ordinality
      as r(event, trigger, state, "group", reason, ord)
    order by r.ord`.execute(tx);
}
