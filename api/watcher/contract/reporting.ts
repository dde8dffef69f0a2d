import * as z from 'zod';
import { integer } from '../fields.ts';

export const MetricsQuery = z.object({
  page: integer({ ge: 1 }).default(1),
  page_size: integer({ ge: 1, le: 1000 }).default(50),
  pipeline_name: z.string().optional(),
  pipeline_type_name: z.string().optional(),
  days: integer({ ge: 1, le: 30 }).default(30),
});
export type MetricsQuery = z.output<typeof MetricsQuery>;

export const NamesQuery = z.object({ pipeline_type_name: z.string().optional() });

/** A day of a pipeline in the words of Watcher. */
export interface DailyMetrics {
  readonly date_recorded: string;
  readonly pipeline_name: string;
  readonly pipeline_type_name: string;
  readonly total_executions: number;
  readonly failed_executions: number;
  readonly error_percentage: number;
  readonly daily_inserts: number;
  readonly daily_updates: number;
  readonly daily_soft_deletes: number;
  readonly daily_total_rows: number;
  readonly avg_duration_seconds: number;
  readonly daily_throughput: number;
}

export interface MetricsPage {
  readonly data: readonly DailyMetrics[];
  readonly pagination: {
    readonly page: number;
    readonly page_size: number;
    readonly total_records: number;
    readonly total_pages: number;
    readonly has_next: boolean;
    readonly has_prev: boolean;
  };
}
