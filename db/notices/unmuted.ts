import { sql } from 'kysely';
import type { Severity } from '../../metadata/notice.ts';
import type { Db } from '../database.ts';
import { toldChannels } from './deliveries.ts';
import { isMuted } from './mutes.ts';
import type { NoticeNews } from './routing.ts';

type Row = Omit<NoticeNews, 'recovered' | 'closed' | 'muted' | 'told'> & {
  readonly toldAt: Date | null;
  readonly toldSeverity: Severity | null;
};

/**
 * Open notices that were last raised under a mute, and that none covers any more, the oldest first. They
 * are news until it is on record why nobody is told of them, or that somebody is.
 */
export async function listUnmuted(tx: Db, limit: number): Promise<NoticeNews[]> {
  const { rows } = await sql<Row>`
    select n.id, n.kind, n.severity, n.title, n.message, n.details, n.execution_id as run,
      p.name as pipeline, coalesce(p.tags, '{}') as tags, n.last_raised_at as "raisedAt",
      clock_timestamp() as at, n.raised_count as count,
      n.acknowledged_at is not null as acknowledged, n.told_at as "toldAt",
      n.told_severity as "toldSeverity", ${toldChannels('n')} as channels
    from notice n left join pipeline p on p.id = n.pipeline_id
    where n.recovered_at is null and n.untold = 'muted'
      and not ${isMuted('n', sql`clock_timestamp()`)}
    order by n.id
    limit ${limit}`.execute(tx);
  return rows.map(({ toldAt, toldSeverity, ...row }) => ({
    ...row,
    recovered: false,
    closed: false,
    muted: false,
    told: toldAt && toldSeverity ? { at: toldAt, severity: toldSeverity } : null,
  }));
}
