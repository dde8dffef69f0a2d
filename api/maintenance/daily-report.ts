import {
  readDailyReport,
  type DailyReport,
  type ReportFilter,
} from '../../db/daily-report/report.ts';
import type { ApiDeps } from '../deps.ts';

export interface ReportPage extends Omit<ReportFilter, 'offset'> {
  /** From 1. */
  readonly page: number;
}

/** A page of the daily report. Days that its sums lack are summed up for those who ask next. */
export async function readReport(
  { db, maintenance }: Pick<ApiDeps, 'db' | 'maintenance'>,
  { page, ...filter }: ReportPage,
): Promise<DailyReport> {
  const report = await readDailyReport(db, { ...filter, offset: (page - 1) * filter.limit });
  if (report.behind) maintenance.sumUpLater();
  return report;
}
