import { sql } from 'kysely';
import type {
  ClosedBecause,
  NoticeDetail,
  NoticeEvent,
  NoticeKind,
  Severity,
} from '../../metadata/notice.ts';
import { Fault } from '../../runtime/fault.ts';
import type { Db } from '../database.ts';
import type { Untold } from './routing.ts';

export type NoticeState = 'open' | 'acknowledged' | 'recovered' | 'closed';

/** A notice as its row tells it. */
export interface NoticeRecord {
  readonly id: number;
  readonly state: NoticeState;
  readonly kind: NoticeKind;
  readonly severity: Severity;
  readonly subject: string;
  readonly pipeline: string | null;
  readonly run: number | null;
  readonly title: string;
  readonly message: string;
  readonly details: readonly NoticeDetail[];
  readonly raised_count: number;
  readonly first_raised_at: Date;
  readonly last_raised_at: Date;
  readonly told_at: Date | null;
  readonly untold: Untold | null;
  readonly acknowledged_at: Date | null;
  readonly acknowledged_by: string | null;
  /** When it was over, also if it was closed. */
  readonly recovered_at: Date | null;
  readonly closed_because: ClosedBecause | null;
}

export interface NoticeFilter {
  readonly states?: readonly NoticeState[] | undefined;
  readonly kinds?: readonly NoticeKind[] | undefined;
  readonly pipeline?: string | undefined;
  /** Only notices that opened before this one. */
  readonly before?: number | undefined;
  readonly limit: number;
}

export interface DeliveryRecord {
  readonly message_id: string;
  readonly event: NoticeEvent;
  readonly channel: string;
  readonly state: 'pending' | 'delivered' | 'given_up';
  readonly attempts: number;
  readonly next_attempt_at: Date;
  readonly last_error: string | null;
  readonly created_at: Date;
  readonly ended_at: Date | null;
}

const STATE = sql<NoticeState>`case
  when n.closed_because is not null then 'closed'
  when n.recovered_at is not null then 'recovered'
  when n.acknowledged_at is not null then 'acknowledged' else 'open' end`;

export async function getNotice(db: Db, id: number): Promise<NoticeRecord> {
  const row = await notices(db).where('n.id', '=', id).executeTakeFirst();
  if (!row) throw new Fault('notice.not_found', `No notice ${id}`);
  return toRecord(row);
}

/** The newest first. */
export async function listNotices(db: Db, filter: NoticeFilter): Promise<NoticeRecord[]> {
  const { states, kinds, pipeline, before, limit } = filter;
  const isOver = states && !states.includes('open') && !states.includes('acknowledged');
  const isOpen = states && !states.includes('recovered') && !states.includes('closed');
  const rows = await notices(db)
    .$if(isOpen === true, (query) => query.where('n.recovered_at', 'is', null)) // the small index
    .$if(isOver === true, (query) => query.where('n.recovered_at', 'is not', null))
    .$if(states !== undefined, (query) => query.where(STATE, 'in', states ?? []))
    .$if(kinds !== undefined, (query) => query.where('n.kind', 'in', kinds ?? []))
    .$if(pipeline !== undefined, (query) => query.where('p.name', '=', pipeline ?? ''))
    .$if(before !== undefined, (query) => query.where('n.id', '<', before ?? 0))
    .orderBy('n.id', 'desc')
    .limit(limit)
    .execute();
  return rows.map(toRecord);
}

/** In the order in which they were asked for. */
export async function listDeliveries(db: Db, notice: number): Promise<DeliveryRecord[]> {
  const rows = await db
    .selectFrom('notice_delivery')
    .select(['message_id', 'event', 'channel', 'state', 'attempts', 'next_attempt_at'])
    .select(['last_error', 'created_at', 'ended_at'])
    .where('notice_id', '=', notice)
    .orderBy('id')
    .execute();
  return rows.map((row) => ({
    ...row,
    event: row.event as NoticeEvent,
    state: row.state as DeliveryRecord['state'],
  }));
}

/**
 * From now on it is not told again, until it has recovered and opens anew. The first to acknowledge
 * it stays on record. False: it is over already.
 */
export async function acknowledgeNotice(db: Db, id: number, by: string): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('notice')
    .set({
      acknowledged_at: sql`coalesce(acknowledged_at, clock_timestamp())`,
      acknowledged_by: sql`coalesce(acknowledged_by, ${by})`,
    })
    .where('id', '=', id)
    .where('recovered_at', 'is', null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

function notices(db: Db) {
  return db
    .selectFrom('notice as n')
    .leftJoin('pipeline as p', 'p.id', 'n.pipeline_id')
    .select(['n.id', 'n.kind', 'n.severity', 'n.subject', 'p.name as pipeline'])
    .select(['n.execution_id as run', 'n.title', 'n.message', 'n.details', 'n.raised_count'])
    .select(['n.first_raised_at', 'n.last_raised_at', 'n.told_at', 'n.untold'])
    .select(['n.acknowledged_at', 'n.acknowledged_by', 'n.recovered_at'])
    .select(['n.closed_because', STATE.as('state')]);
}

type Row = Awaited<ReturnType<ReturnType<typeof notices>['execute']>>[number];

function toRecord(row: Row): NoticeRecord {
  return {
    ...row,
    kind: row.kind as NoticeKind,
    severity: row.severity as Severity,
    details: row.details as unknown as readonly NoticeDetail[],
    untold: row.untold as Untold | null,
    closed_because: row.closed_because as ClosedBecause | null,
  };
}
