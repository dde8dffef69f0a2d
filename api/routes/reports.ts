import { Router, type Response } from 'express';
import { DailyReportQuery, type DailyReport } from '../contract/daily-report.ts';
import { readReport } from '../maintenance/daily-report.ts';
import type { ApiDeps } from '../deps.ts';
import { only } from '../http/method.ts';
import { parse } from '../http/parse.ts';

const DAYS = 30;
const PAGE = 50;

export function reportRoutes(deps: ApiDeps): Router {
  const router = Router();
  router
    .route('/reports/daily')
    .get(async (request, response: Response<DailyReport>) => {
      const query = parse(DailyReportQuery, request.query, 'query');
      const { days = DAYS, limit = PAGE, page = 1, pipeline, type } = query;
      const { rows, total } = await readReport(deps, { days, pipeline, type, page, limit });
      response.json({ rows: [...rows], total, page, pages: Math.ceil(total / limit) });
    })
    .all(only('GET'));
  return router;
}
