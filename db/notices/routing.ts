import { sql } from 'kysely';
import type {
  ClosedBecause,
  NoticeDetail,
  NoticeEvent,
  NoticeKind,
  Severity,
} from '../../metadata/notice.ts';
import { postgresJson, type JsonObject } from '../../runtime/json.ts';
import type { Db } from '../database.ts';
import { toldChannels } from './deliveries.ts';
import { isMuted } from './mutes.ts';
import { listUnmuted } from './unmuted.ts';
import { LOCKS } from '../locks.ts';

const BATCH = 100;

/** A notice that has just been raised again, is over or is no longer muted, with what was known of it. */
export interface NoticeNews {
  /** Of the notice. */
  readonly id: number;
  readonly kind: NoticeKind;
  readonly severity: Severity;
  readonly recovered: boolean;
  /** It is over, but nothing has recovered. */
  readonly closed: boolean;
  readonly title: string;
  readonly message: string;
  readonly details: readonly NoticeDetail[];
  readonly run: number | null;
  readonly pipeline: string | null;
  readonly tags: readonly string[];
  readonly raisedAt: Date;
  /** When it could first be told: as it was raised, or as its mute was found to be over. */
  readonly at: Date;
  /** How often it was raised, this time included. */
  readonly count: number;
  readonly acknowledged: boolean;
  readonly muted: boolean;
  /** The last time that somebody was told. */
  readonly told: { readonly at: Date; readonly severity: Severity } | null;
  /** The channels that were told of it. */
  readonly channels: readonly string[];
}

/** Why nobody was told of a notice that was raised. */
export type Untold = 'muted' | 'acknowledged' | 'repeated' | 'no_route';

export type Telling = { readonly untold: Untold } | { readonly messages: readonly NoticeMessage[] };

export interface NoticeMessage {
  readonly channel: string;
  readonly event: NoticeEvent;
  readonly content: JsonObject;
}

/**
 * Turns what was raised into notices and deliveries, in the order in which it was raised, as `tell`
 * decides; then what is still open of that which a mute kept from everyone until now. One process at a
 * time does it. True: there may be more.
 */
export async function routeRaised(db: Db, tell: (news: NoticeNews) => Telling): Promise<boolean> {
  return db.transaction().execute(async (tx) => {
    await sql`select pg_advisory_xact_lock(${LOCKS.routing})`.execute(tx);
    const batch = await takeRaised(tx);
    for (const raised of batch) {
      const news = raised.recovered ? await recover(tx, raised) : await openOrRepeat(tx, raised);
      if (news) await record(tx, news, tell(news));
    }
    if (batch.length === BATCH) return true;
    const unmuted = await listUnmuted(tx, BATCH);
    for (const news of unmuted) await record(tx, news, tell(news));
    return unmuted.length === BATCH;
  });
}

interface Raised {
  readonly id: number;
  readonly kind: NoticeKind;
  readonly severity: Severity;
  readonly pipeline_id: number | null;
  readonly execution_id: number | null;
  readonly subject: string;
  readonly recovered: boolean;
  readonly closed_because: ClosedBecause | null;
  readonly title: string;
  readonly message: string;
  readonly details: readonly NoticeDetail[];
  readonly raised_at: Date;
  readonly pipeline: string | null;
  readonly tags: readonly string[] | null;
  readonly muted: boolean;
}

/** A mute holds for what was raised while it held, however late that is routed. */
async function takeRaised(tx: Db): Promise<readonly Raised[]> {
  const { rows } = await sql<Raised>`
    with taken as (
      delete from raised_notice
      where id in (select id from raised_notice order by id limit ${BATCH})
      returning *
    )
    select t.id, t.kind, t.severity, p.id as pipeline_id, t.execution_id, t.subject, t.recovered,
      t.closed_because, t.title, t.message, t.details, t.raised_at, p.name as pipeline, p.tags,
      ${isMuted('t', sql`t.raised_at`)} as muted
    from taken t left join pipeline p on p.id = t.pipeline_id
    order by t.id`.execute(tx);
  return rows;
}

interface Known {
  readonly id: number;
  readonly raised_count: number;
  readonly told_at: Date | null;
  readonly told_severity: Severity | null;
  readonly acknowledged: boolean;
  readonly channels: readonly string[];
}

async function openOrRepeat(tx: Db, raised: Raised): Promise<NoticeNews> {
  const { rows } = await sql<Known>`
    insert into notice (subject, kind, severity, pipeline_id, execution_id, title, message, details,
      first_raised_at, last_raised_at)
    values (${raised.subject}, ${raised.kind}, ${raised.severity}, ${raised.pipeline_id},
      ${raised.execution_id}, ${raised.title}, ${raised.message},
      ${postgresJson(raised.details)}::jsonb, ${raised.raised_at}, ${raised.raised_at})
    on conflict (subject) where recovered_at is null do update set
      severity = excluded.severity, execution_id = excluded.execution_id, title = excluded.title,
      message = excluded.message, details = excluded.details,
      last_raised_at = excluded.last_raised_at, raised_count = notice.raised_count + 1
    returning id, raised_count, told_at, told_severity,
      acknowledged_at is not null as acknowledged, ${toldChannels('notice')} as channels
    `.execute(tx);
  const [known] = rows;
  if (!known) throw new Error(`Notice ${raised.subject} was not stored`);
  return toNews(raised, known);
}

/** Undefined: it is over already. */
async function recover(tx: Db, raised: Raised): Promise<NoticeNews | undefined> {
  const { rows } = await sql<Known>`
    update notice n set recovered_at = ${raised.raised_at}, closed_because = ${raised.closed_because}
    where n.subject = ${raised.subject} and n.recovered_at is null
    returning n.id, n.raised_count, n.told_at, n.told_severity,
      n.acknowledged_at is not null as acknowledged, ${toldChannels('n')} as channels
    `.execute(tx);
  const [known] = rows;
  return known && toNews(raised, known);
}

function toNews(raised: Raised, known: Known): NoticeNews {
  const { kind, severity, recovered, title, message, details, muted, pipeline } = raised;
  const { told_at: at, told_severity: toldSeverity } = known;
  return {
    ...{ kind, severity, recovered, title, message, details, muted, pipeline },
    id: known.id,
    closed: raised.closed_because !== null,
    run: raised.execution_id,
    tags: raised.tags ?? [],
    raisedAt: raised.raised_at,
    at: raised.raised_at,
    count: known.raised_count,
    acknowledged: known.acknowledged,
    channels: known.channels,
    told: at && toldSeverity ? { at, severity: toldSeverity } : null,
  };
}

async function record(tx: Db, news: NoticeNews, telling: Telling): Promise<void> {
  if ('untold' in telling) {
    await tx
      .updateTable('notice')
      .set({ untold: telling.untold })
      .where('id', '=', news.id)
      .execute();
    return;
  }
  const { messages } = telling;
  if (messages.length === 0) return;
  await tx
    .insertInto('notice_delivery')
    .values(
      messages.map(({ channel, event, content }) => ({
        ...{ notice_id: news.id, event, channel },
        content: postgresJson(content),
      })),
    )
    .execute();
  if (news.recovered) return;
  await tx
    .updateTable('notice')
    .set({ told_at: news.at, told_severity: news.severity, untold: null })
    .where('id', '=', news.id)
    .execute();
}
