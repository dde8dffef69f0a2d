import type { NoticeDetail, Severity } from './notice.ts';

/** Rows that wait, by the names of Watcher's tasks; `unknown` are those that Watcher has no name for. */
export interface PendingTasks {
  readonly total: number;
  readonly regular: number;
  readonly scheduled: number;
  readonly beat: number;
  readonly byTask: Readonly<Record<string, number>>;
}

export type QueuePendings = Readonly<Record<string, { readonly pending: number }>>;

const TASKS = {
  detect_anomalies_task: ['anomaly_checks'],
  timeliness_check_task: ['deadline_checks'],
  freshness_check_task: [],
  address_lineage_closure_rebuild_task: [],
  pipeline_execution_closure_maintain_task: [],
  scheduled_freshness_check: [],
  scheduled_timeliness_check: [],
  scheduled_queue_health_check: [],
  unknown: ['queued_runs', 'notices', 'notice_deliveries', 'open_lineage_events'],
} as const;

/** What is left for the night does not count. */
export function pendingTasks(queues: QueuePendings): PendingTasks {
  const byTask = Object.fromEntries(
    Object.entries(TASKS).map(([task, names]) => [
      task,
      names.reduce((sum, name) => sum + (queues[name]?.pending ?? 0), 0),
    ]),
  );
  const total = Object.values(byTask).reduce((sum, count) => sum + count, 0);
  return { total, regular: total, scheduled: 0, beat: 0, byTask };
}

/** `Detect Anomalies Task: 3` of each task that has something to do. */
export function breakdownOf({ byTask }: PendingTasks): string[] {
  return Object.entries(byTask)
    .filter(([, count]) => count > 0)
    .map(([task, count]) => `${titleCase(task)}: ${count}`);
}

const WARNING = 50;
const CRITICAL = 100;

export interface QueueAlert {
  readonly severity: Severity;
  /** There is nothing to alert of, any more. */
  readonly recovered: boolean;
  readonly title: string;
  readonly message: string;
  readonly details: readonly NoticeDetail[];
}

/** Watcher's alert, word for word. */
export function queueAlert(pending: PendingTasks): QueueAlert {
  const { total, regular, scheduled, beat } = pending;
  return {
    severity: total >= CRITICAL ? 'critical' : 'warning',
    recovered: total < WARNING,
    title: 'Celery Queue Alert',
    message: `Queue has ${total} pending tasks`,
    details: [
      { key: 'Total pending', value: String(total) },
      { key: 'Regular queue', value: String(regular) },
      { key: 'Scheduled queue', value: String(scheduled) },
      { key: 'Beat scheduled tasks', value: String(beat) },
      {
        key: 'Task breakdown',
        value: `[${breakdownOf(pending)
          .map((task) => `'${task}'`)
          .join(', ')}]`,
      },
    ],
  };
}

function titleCase(name: string): string {
  return name
    .split('_')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join(' ');
}
