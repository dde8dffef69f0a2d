import express, { type Express } from 'express';
import { Fault } from '../runtime/fault.ts';
import { backfillRoutes } from './backfills/routes.ts';
import type { ApiDeps } from './deps.ts';
import { eventRoutes } from './events/routes.ts';
import { poolRoutes } from './limits/pool-routes.ts';
import { problemHandler } from './http/problem.ts';
import { refuseForeignPages, refuseNul } from './http/request-body.ts';
import { anomalyRoutes } from './routes/anomalies.ts';
import { cleanUpRoutes } from './routes/clean-ups.ts';
import { diagnosticsRoutes } from './routes/diagnostics.ts';
import { healthRoutes } from './routes/health.ts';
import { lineageRoutes } from './routes/lineage.ts';
import { logRoutes } from './routes/logs.ts';
import { muteRoutes } from './routes/mutes.ts';
import { noticeRoutes } from './routes/notices.ts';
import { openLineageRoutes } from './routes/open-lineage.ts';
import { openapiRoutes } from './routes/openapi.ts';
import { pipelineRoutes } from './routes/pipelines.ts';
import { reportRoutes } from './routes/reports.ts';
import { runRoutes } from './routes/runs.ts';
import { standingRoutes } from './routes/standings.ts';
import { watermarkRoutes } from './routes/watermarks.ts';
import { whyLateRoutes } from './routes/why-late.ts';
import { fireRoutes } from './triggers/fire-routes.ts';
import { deploymentRoutes } from './triggers/deployment-routes.ts';
import { triggerRoutes } from './triggers/routes.ts';
import { watcherRoutes } from './watcher/routes.ts';

/** The HTTP API. It holds no state of its own: any number of them may serve one database. */
export function createApp(deps: ApiDeps): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', 'simple');

  app.use('/health', healthRoutes(deps));
  app.use('/api', refuseForeignPages, refuseNul);
  app.use('/api', pipelineRoutes(deps), runRoutes(deps), logRoutes(deps));
  app.use('/api', eventRoutes(deps), fireRoutes(deps));
  app.use(
    '/api',
    noticeRoutes(deps),
    muteRoutes(deps),
    anomalyRoutes(deps),
    lineageRoutes(deps),
    openLineageRoutes(deps),
  );
  app.use('/api', standingRoutes(deps), whyLateRoutes(deps));
  app.use('/api', watermarkRoutes(deps), backfillRoutes(deps));
  app.use('/api', poolRoutes(deps));
  app.use('/api', reportRoutes(deps), diagnosticsRoutes(deps), cleanUpRoutes(deps));
  app.use('/api', triggerRoutes(deps), deploymentRoutes(deps));
  app.use(openapiRoutes());
  app.use(watcherRoutes(deps));
  app.use((request) => {
    throw new Fault('route.not_found', `There is nothing at ${request.path}: see /openapi.json`);
  });
  app.use(problemHandler(deps.log));
  return app;
}
