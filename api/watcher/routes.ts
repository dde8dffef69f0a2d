import { Router } from 'express';
import type { ApiDeps } from '../deps.ts';
import { only } from '../http/method.ts';
import { refuseForeignPages } from '../http/request-body.ts';
import { detailHandler } from './detail.ts';
import { addressLineageRoutes } from './routes/address-lineage.ts';
import { addressRoutes } from './routes/addresses.ts';
import { anomalyRuleRoutes } from './routes/anomaly-rules.ts';
import { checkRoutes } from './routes/checks.ts';
import { diagnosticsRoutes } from './routes/diagnostics.ts';
import { executionRoutes } from './routes/executions.ts';
import { lineageGraphRoutes } from './routes/lineage-graph.ts';
import { maintenanceRoutes } from './routes/maintenance.ts';
import { pipelineTypeRoutes } from './routes/pipeline-types.ts';
import { pipelineRoutes } from './routes/pipelines.ts';
import { reportingRoutes } from './routes/reporting.ts';

/** Everything that answers as Watcher does, at the root of the API. */
export function watcherRoutes(deps: ApiDeps): Router {
  const router = Router();
  router.use(refuseForeignPages);
  router
    .route('/')
    .get((_request, response) => {
      response.json({ status: 'ok' });
    })
    .all(only('GET'));
  router.use(executionRoutes(deps), pipelineRoutes(deps), pipelineTypeRoutes(deps));
  router.use(addressRoutes(deps), addressLineageRoutes(deps), lineageGraphRoutes(deps));
  router.use(anomalyRuleRoutes(deps));
  router.use(checkRoutes(deps));
  router.use(maintenanceRoutes(deps), reportingRoutes(deps), diagnosticsRoutes(deps));
  router.use(detailHandler(deps.log));
  return router;
}
