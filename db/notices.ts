import { sql } from 'kysely';
import type { NoticeDetail, NoticeKind, Severity } from '../metadata/notice.ts';
import { postgresJson } from '../runtime/json.ts';
import type { Db } from './database.ts';

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
  readonly title: string;
  readonly message: string;
  readonly details: readonly NoticeDetail[];
}

/**
 * Puts a notice on record in the caller's transaction; it is routed and delivered soon after the commit.
 * A recovery from what nobody raised is left out. Over-long texts are cut.
 */
export async function raiseNotice(tx: Db, notice: RaisedNotice): Promise<void> {
  const subject = notice.subject.slice(0, LONGEST_SUBJECT);
  await sql`
    with raised as (
      insert into raised_notice (kind, severity, pipeline_id, execution_id, subject, recovered, title,
        message, details)
      select n.kind, n.severity, n."pipelineId", n."executionId", n.subject, n.recovered,
        left(n.title, 500), left(n.message, 20000), n.details
      from jsonb_to_record(${postgresJson({ ...notice, subject })}::jsonb) as n(kind text, severity text,
        "pipelineId" int, "executionId" bigint, subject text, recovered boolean, title text,
        message text, details jsonb)
      where not n.recovered
        or exists (select from notice o where o.subject = n.subject and o.recovered_at is null)
        or exists (select from raised_notice r where r.subject = n.subject)
      returning id
    )
    select pg_notify(${NOTICE_CHANNEL}, '') from raised`.execute(tx);
}
