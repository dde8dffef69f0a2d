import * as z from 'zod';
import { describe } from '../document.ts';
import { integer, model } from '../fields.ts';

export const LogCleanupPost = model('LogCleanupPostInput', {
  retention_days: integer({ ge: 90 }),
  batch_size: integer({ ge: 1 }).default(10_000),
});

export const LogCleanup = z
  .object({
    total_pipeline_executions_deleted: z.int(),
    total_timeliness_pipeline_execution_logs_deleted: z.int(),
    total_anomaly_detection_results_deleted: z.int(),
    total_pipeline_execution_closure_parent_deleted: z.int(),
    total_pipeline_execution_closure_child_deleted: z.int(),
    total_freshness_pipeline_logs_deleted: z.int(),
  })
  .meta({ id: 'LogCleanupPostOutput' });
export type LogCleanup = z.infer<typeof LogCleanup>;

export const QueueReport = z
  .object({
    status: z.enum(['success', 'error']),
    total_pending: z.int().optional(),
    regular_queue_pending: z.int().optional(),
    scheduled_queue_pending: z.int().optional(),
    beat_scheduled_tasks: z.int().optional(),
    task_breakdown: z.array(z.string()).optional(),
    task_breakdown_raw: z.record(z.string(), z.int()).optional(),
  })
  .meta({ id: 'QueueReport' });
export type QueueReport = z.infer<typeof QueueReport>;

export const MAINTENANCE_PATHS = [
  describe({
    ...{ method: 'post', path: '/log_cleanup' },
    summary: 'Delete executions that began so many days ago, with all that hangs on them',
    body: LogCleanupPost,
    answers: { 200: LogCleanup },
  }),
  describe({
    ...{ method: 'post', path: '/celery/monitor-queue' },
    summary: 'Count what waits to be done, and alert when it is too much',
    answers: { 200: QueueReport },
  }),
];
