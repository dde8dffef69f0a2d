import { sql } from 'kysely';
import type { Db } from '../database.ts';

/** Rows that wait for somebody; null: the queue does not tell since when. */
export interface QueueFacts {
  readonly pending: number;
  readonly oldest_seconds: number | null;
}

export const QUEUES = [
  'queued_runs',
  'anomaly_checks',
  'deadline_checks',
  'notices',
  'notice_deliveries',
  'open_lineage_events',
  'artifact_removals',
  'daily_changes',
] as const;
export type QueueName = (typeof QUEUES)[number];

/** Everything that waits in the database to be done by somebody. */
export async function readQueues(db: Db): Promise<Record<QueueName, QueueFacts>> {
  const { rows } = await sql<QueueFacts & { name: QueueName }>`
    select name, count as pending,
      case when oldest is not null then
        round(greatest(0, extract(epoch from clock_timestamp() - oldest)), 1)
      end as oldest_seconds
    from (
      select 'queued_runs' as name, count(*), min(requested_at) as oldest from pipeline_execution
      where state = 'queued' and dispatched_at is null
      union all select 'anomaly_checks', count(*), min(queued_at) from check_queue
      union all select 'deadline_checks', count(*), null from deadline_queue
      union all select 'notices', count(*), min(raised_at) from raised_notice
      union all select 'notice_deliveries', count(*), min(next_attempt_at) from notice_delivery
      where state = 'pending'
      union all select 'open_lineage_events', count(*), min(occurred_at) from open_lineage_event
      where refused_at is null and exists (select from open_lineage where emits)
      union all select 'artifact_removals', count(*), min(asked_at) from artifact_removal
      union all select 'daily_changes', count(*), null from pipeline_daily_change
    ) queues`.execute(db);
  return Object.fromEntries(rows.map(({ name, ...facts }) => [name, facts])) as unknown as Record<
    QueueName,
    QueueFacts
  >;
}
