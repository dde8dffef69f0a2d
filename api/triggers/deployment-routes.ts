import { Router, type Request, type Response } from 'express';
import { Fault } from '../../runtime/fault.ts';
import { NoQuery } from '../contract/query.ts';
import { DeploymentRequest, type Deployment } from '../contract/trigger.ts';
import type { ApiDeps } from '../deps.ts';
import { only } from '../http/method.ts';
import { parse } from '../http/parse.ts';
import { jsonBody } from '../http/request-body.ts';
import { deployProject } from './deploy-project.ts';
import { planDeploymentOf } from './preview.ts';

export function deploymentRoutes(deps: ApiDeps): Router {
  const router = Router();
  router
    .route('/deployments')
    .post(jsonBody, async (request: Request, response: Response<Deployment>) => {
      parse(NoQuery, request.query, 'query');
      const { dry_run = false, actor = 'api' } = parse(DeploymentRequest, request.body, 'body');
      const { problem, projectName } = deps.catalog;
      if (problem !== null || projectName === null) {
        throw new Fault('definition.invalid', problem ?? 'There is no project');
      }
      const shown = dry_run
        ? (await planDeploymentOf(deps, projectName)).shown
        : await deployProject(deps, projectName, actor);
      response.json({ dry_run, ...shown });
    })
    .all(only('POST'));
  return router;
}
