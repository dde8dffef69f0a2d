import { Router, type Response } from 'express';
import { listReported, type DailyRow } from '../../../db/daily-report/report.ts';
import { readReport } from '../../maintenance/daily-report.ts';
import type { ApiDeps } from '../../deps.ts';
import { only } from '../../http/method.ts';
import { sendPage } from '../../pages/html.ts';
import { reportPage } from '../../pages/report-page.ts';
import {
  MetricsQuery,
  NamesQuery,
  type DailyMetrics,
  type MetricsPage,
} from '../contract/reporting.ts';
import { readQuery } from '../read.ts';

const DAYS = 30;

/** The daily report: a page for people, and what Watcher's own page asks for. */
export function reportingRoutes(deps: ApiDeps): Router {
  const { db, maintenance } = deps;
  const router = Router();
  router
    .route('/reporting')
    .get(async (request, response) => {
      const query = readQuery(MetricsQuery, request);
      const [metrics, pipelines, types] = await Promise.all([
        readMetrics(deps, query),
        listReported(db, 'pipeline', { days: DAYS, type: sought(query.pipeline_type_name) }),
        listReported(db, 'type', { days: DAYS }),
      ]);
      sendPage(response, reportPage({ query, metrics, pipelines, types }));
    })
    .all(only('GET'));
  router
    .route('/reporting/daily-pipeline-metrics')
    .get(async (request, response: Response<MetricsPage>) => {
      response.json(await readMetrics(deps, readQuery(MetricsQuery, request)));
    })
    .all(only('GET'));
  router
    .route('/reporting/pipeline-names')
    .get(async (request, response) => {
      const type = sought(readQuery(NamesQuery, request).pipeline_type_name);
      response.json({ pipeline_names: await listReported(db, 'pipeline', { days: DAYS, type }) });
    })
    .all(only('GET'));
  router
    .route('/reporting/pipeline-type-names')
    .get(async (_request, response) => {
      response.json({ pipeline_type_names: await listReported(db, 'type', { days: DAYS }) });
    })
    .all(only('GET'));
  router
    .route('/reporting/refresh')
    .post(async (_request, response) => {
      await maintenance.sumUp();
      response.json({ status: 'success', message: 'Daily report is up to date' });
    })
    .all(only('POST'));
  return router;
}

async function readMetrics(deps: ApiDeps, query: MetricsQuery): Promise<MetricsPage> {
  const { page, page_size: limit, days } = query;
  const { rows, total } = await readReport(deps, {
    ...{ days, page, limit },
    pipeline: sought(query.pipeline_name),
    type: sought(query.pipeline_type_name),
  });
  const pages = Math.ceil(total / limit);
  return {
    data: rows.map(toMetrics),
    pagination: {
      ...{ page, page_size: limit, total_records: total, total_pages: pages },
      ...{ has_next: page < pages, has_prev: page > 1 },
    },
  };
}

/** Watcher takes an empty name for none. */
function sought(name: string | undefined): string | undefined {
  return name === '' ? undefined : name;
}

function toMetrics(row: DailyRow): DailyMetrics {
  return {
    date_recorded: row.date,
    pipeline_name: row.pipeline,
    pipeline_type_name: row.type,
    total_executions: row.executions,
    failed_executions: row.failed,
    error_percentage: row.error_percentage,
    daily_inserts: row.inserts,
    daily_updates: row.updates,
    daily_soft_deletes: row.soft_deletes,
    daily_total_rows: row.total_rows,
    avg_duration_seconds: row.avg_duration_seconds,
    daily_throughput: row.throughput,
  };
}
