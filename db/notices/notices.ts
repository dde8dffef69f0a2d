import { sql } from 'kysely';
import type { ClosedBecause, NoticeDetail, NoticeKind, Severity } from '../../metadata/notice.ts';
import { postgresJson } from '../../runtime/json.ts';
import type { Db } from '../database.ts';

/** The channel on which a raised notice, or a delivery that is due, is announced. */
export const NOTICE_CHANNEL = 'highwater_notice';

const LONGEST_SUBJECT = 500;

/** Something that somebody should know, or (`recovered`) that it is over. */
export interface RaisedNotice {
  readonly kind: NoticeKind;
  readonly severity: Severity;
  readonly pipelineId: number | null;
  readonly executionId: number | null;
  /** What it is about: notices with the same subject are one, until it has recovered. */
  readonly subject: string;
  readonly recovered: boolean;
  /** It is over because nothing is expected any more. */
  readonly closedBecause?: ClosedBecause;
  readonly title: string;
  readonly message: string;
  readonly details: readonly NoticeDetail[];
}

/**
 * Puts a notice on record in the caller's transaction; it is routed and delivered soon after the commit.
 * A recovery from what nobody raised is left out. Over-long texts are cut.
 */
export function raiseNotice(tx: Db, notice: RaisedNotice): Promise<void> {
  return raiseNotices(tx, [notice]);
}

/** Puts them on record in this order, with one statement. */
export async function raiseNotices(tx: Db, notices: readonly RaisedNotice[]): Promise<void> {
  if (notices.length === 0) return;
  const cut = notices.map((notice) => ({
    ...notice,
    subject: notice.subject.slice(0, LONGEST_SUBJECT),
  }));
  await sql`
    with input as materialized (
      select n.* from rows from (jsonb_to_recordset(${postgresJson(cut)}::jsonb) as (kind text,
        severity text, "pipelineId" int, "executionId" bigint, subject text, recovered boolean,
        "closedBecause" text, title text, message text, details jsonb)) with ordinality as n(kind,
        severity, "pipelineId", "executionId", subject, recovered, "closedBecause", title, message,
        details, ord)
    ), raised as (
      insert into raised_notice (kind, severity, pipeline_id, execution_id, subject, recovered,
        closed_because, title, message, details)
      select kind, severity, "pipelineId", "executionId", subject, recovered, "closedBecause",
        left(title, 500), left(message, 20000), details
      from input n
      where not recovered
        or exists (select from notice o where o.subject = n.subject and o.recovered_at is null)
        or exists (select from raised_notice r where r.subject = n.subject)
        or exists (select from input i where i.subject = n.subject and i.ord < n.ord)
      order by ord
      returning id
    )
    select pg_notify(${NOTICE_CHANNEL}, '') from raised limit 1`.execute(tx);
}
