import { sql } from 'kysely';
import { closedText, type ClosedBecause, type NoticeKind } from '../../metadata/notice.ts';
import type { Db } from '../database.ts';
import { IS_ACTIVE } from '../pipelines/watched-pipelines.ts';
import { raiseNotices, type RaisedNotice } from './notices.ts';

interface Forgotten {
  readonly kind: NoticeKind;
  readonly subject: string;
  readonly title: string;
  readonly pipelineId: number;
  readonly pipeline: string;
  readonly executionId: number | null;
  readonly because: ClosedBecause;
}

/**
 * Ends what is open about pipelines of which nothing is expected any more, but not what is about a run that
 * somebody has asked for since.
 */
export async function closeForgotten(tx: Db): Promise<void> {
  const { rows } = await sql<Forgotten>`
    select n.kind, n.subject, n.title, p.id as "pipelineId", p.name as pipeline,
      n.execution_id as "executionId",
      case when p.removed_at is null then 'inactive' else 'removed' end as because
    from notice n join pipeline p on p.id = n.pipeline_id
    where n.recovered_at is null and not ${IS_ACTIVE}
      and not exists (select from pipeline_execution e
        where e.id = n.execution_id and e.requested_at > greatest(p.removed_at, p.deactivated_at))
      and not exists (select from raised_notice r where r.subject = n.subject and r.recovered)
    order by n.id`.execute(tx);
  await raiseNotices(tx, rows.map(toNotice));
}

function toNotice({ pipeline, because, ...about }: Forgotten): RaisedNotice {
  return {
    ...about,
    ...{ severity: 'info', recovered: true, closedBecause: because },
    ...{ message: closedText(pipeline, because), details: [] },
  };
}
