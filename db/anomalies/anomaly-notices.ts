import { sql } from 'kysely';
import { oddText, recoveredText, subjectOf } from '../../metadata/anomaly/notice.ts';
import type { Outcome } from '../../metadata/anomaly/outcome.ts';
import type { Db } from '../database.ts';
import { raiseNotices } from '../notices/notices.ts';

/** One notice a run, whatever the number of its odd metrics. */
export async function tellOdd(tx: Db, outcomes: readonly Outcome[]): Promise<void> {
  const subjects = await readSubjects(
    tx,
    outcomes.map(({ run }) => run.id),
  );
  const notices = outcomes.flatMap(({ run, findings }) => {
    const subject = subjects.get(run.id);
    if (!subject) return [];
    const news = { severity: 'warning', recovered: false } as const;
    return [{ ...noticeAbout(subject), ...news, ...oddText(subject, findings) }];
  });
  await raiseNotices(tx, notices);
}

interface Recovery {
  readonly executionId: number;
  /** The run that showed it; null when the flags were taken back. */
  readonly by: number | null;
}

export async function tellRecovered(tx: Db, recoveries: readonly Recovery[]): Promise<void> {
  const subjects = await readSubjects(
    tx,
    recoveries.map(({ executionId }) => executionId),
  );
  const notices = recoveries.flatMap(({ executionId, by }) => {
    const subject = subjects.get(executionId);
    if (!subject) return [];
    const news = { severity: 'info', recovered: true } as const;
    return [{ ...noticeAbout(subject), ...news, ...recoveredText(subject, by) }];
  });
  await raiseNotices(tx, notices);
}

interface Subject {
  readonly executionId: number;
  readonly pipelineId: number;
  readonly pipeline: string;
}

function noticeAbout({ pipelineId, executionId }: Subject) {
  return { kind: 'anomaly', pipelineId, executionId, subject: subjectOf(executionId) } as const;
}

async function readSubjects(
  tx: Db,
  executionIds: readonly number[],
): Promise<Map<number, Subject>> {
  if (executionIds.length === 0) return new Map();
  const rows = await tx
    .selectFrom('pipeline_execution as e')
    .innerJoin('pipeline as p', 'p.id', 'e.pipeline_id')
    .select(['e.id as executionId', 'p.id as pipelineId', 'p.name as pipeline'])
    .where('e.id', '=', sql<number>`any(${executionIds}::bigint[])`)
    .execute();
  return new Map(rows.map((row) => [row.executionId, row]));
}
