import type { MuteRecord } from '../../db/notices/mutes.ts';
import type { DeliveryRecord, NoticeRecord } from '../../db/notices/records.ts';
import type { Mute, Notice, NoticeSummary } from '../contract/notice.ts';

export function toNoticeSummary(record: NoticeRecord): NoticeSummary {
  const { id, state, kind, severity, subject, pipeline, run, title, message, untold } = record;
  const { acknowledged_at: at, acknowledged_by: by } = record;
  const { recovered_at: over, closed_because: because } = record;
  return {
    ...{ id, state, kind, severity, subject, pipeline, run, title, message, untold },
    details: record.details.map(({ key, value }) => ({ key, value })),
    count: record.raised_count,
    first_raised_at: record.first_raised_at.toISOString(),
    last_raised_at: record.last_raised_at.toISOString(),
    told_at: toTime(record.told_at),
    acknowledged: at && by !== null ? { at: at.toISOString(), by } : null,
    recovered_at: because === null ? toTime(over) : null,
    closed: over && because !== null ? { at: over.toISOString(), because } : null,
    links: { self: `/api/notices/${id}`, run: run === null ? null : `/api/runs/${run}` },
  };
}

export function toNotice(record: NoticeRecord, deliveries: readonly DeliveryRecord[]): Notice {
  return { ...toNoticeSummary(record), deliveries: deliveries.map(toDelivery) };
}

function toDelivery(record: DeliveryRecord): Notice['deliveries'][number] {
  const { message_id, event, channel, state, attempts, next_attempt_at, last_error } = record;
  return {
    ...{ message_id, event, channel, state, attempts },
    next_attempt_at: state === 'pending' ? next_attempt_at.toISOString() : null,
    error: last_error,
    created_at: record.created_at.toISOString(),
    ended_at: toTime(record.ended_at),
  };
}

export function toMute(record: MuteRecord): Mute {
  return {
    ...record,
    until: toTime(record.until),
    created_at: record.created_at.toISOString(),
    lifted_at: toTime(record.lifted_at),
  };
}

function toTime(date: Date | null): string | null {
  return date?.toISOString() ?? null;
}
