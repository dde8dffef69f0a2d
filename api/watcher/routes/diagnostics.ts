import { Router } from 'express';
import type { Part } from '../../contract/diagnostics.ts';
import type { ApiDeps } from '../../deps.ts';
import { diagnose, diagnosePart } from '../../diagnostics/diagnose.ts';
import { only } from '../../http/method.ts';
import { diagnosticsPage, partView } from '../../pages/diagnostics-page.ts';
import { sendPage } from '../../pages/html.ts';

/** Watcher's paths, and what of ours stands in for its Celery and Redis. */
const PATHS: Readonly<Record<string, { readonly type: string; readonly part: Part }>> = {
  'connection-performance': { type: 'connection_performance', part: 'connections' },
  'schema-health': { type: 'schema_health', part: 'schema' },
  performance: { type: 'performance', part: 'locks' },
  celery: { type: 'celery', part: 'workers' },
  redis: { type: 'redis', part: 'queues' },
};

export function diagnosticsRoutes(deps: ApiDeps): Router {
  const router = Router();
  router
    .route('/diagnostics')
    .get(async (_request, response) => {
      sendPage(response, diagnosticsPage(await diagnose(deps)));
    })
    .all(only('GET'));
  for (const [path, { type, part }] of Object.entries(PATHS)) {
    router
      .route(`/diagnostics/${path}`)
      .get(async (_request, response) => {
        const { text: output } = partView(part, await diagnosePart(deps, part));
        response.json({ status: 'success', output, type });
      })
      .all(only('GET'));
  }
  return router;
}
