import { Router, type Request, type Response } from 'express';
import type { Logger } from '../../runtime/log.ts';
import { Fault } from '../../runtime/fault.ts';
import { SOMEBODY } from '../contract/actor.ts';
import { JSON_LINES } from '../contract/json-lines.ts';
import { NoQuery } from '../contract/query.ts';
import {
  DeploymentRequest,
  type Deployment,
  type DeploymentLine,
  type DeploymentProgress,
} from '../contract/trigger.ts';
import { only } from '../http/method.ts';
import { parse } from '../http/parse.ts';
import { problemOf } from '../http/problem.ts';
import { jsonBody } from '../http/request-body.ts';
import { deployProject } from './deploy-project.ts';
import { planDeploymentOf, type DeploymentDeps } from './preview.ts';

export function deploymentRoutes(deps: DeploymentDeps & { readonly log: Logger }): Router {
  const router = Router();
  router
    .route('/deployments')
    .post(jsonBody, async (request: Request, response: Response<Deployment>) => {
      parse(NoQuery, request.query, 'query');
      const { dry_run = false, actor = SOMEBODY } = parse(DeploymentRequest, request.body, 'body');
      const { problem, projectName } = deps.catalog;
      if (problem !== null || projectName === null) {
        throw new Fault('definition.invalid', problem ?? 'There is no project');
      }
      if (dry_run) {
        response.json({ dry_run, ...(await planDeploymentOf(deps, projectName)).shown });
      } else if (request.accepts(['application/json', JSON_LINES]) === JSON_LINES) {
        await inLines(request, response, deps.log, async (write) => {
          const told = (progress: DeploymentProgress) => {
            write({ progress });
          };
          const shown = await deployProject(deps, projectName, { actor, told });
          write({ deployment: { dry_run, ...shown } });
        });
      } else {
        response.json({ dry_run, ...(await deployProject(deps, projectName, { actor })) });
      }
    })
    .all(only('POST'));
  return router;
}

/** What fails after the first line is told in the last one. */
async function inLines(
  request: Request,
  response: Response,
  log: Logger,
  work: (write: (line: DeploymentLine) => void) => Promise<void>,
): Promise<void> {
  const write = (line: DeploymentLine) => {
    if (!response.headersSent) response.type(JSON_LINES);
    response.write(`${JSON.stringify(line)}\n`);
  };
  try {
    await work(write);
  } catch (error) {
    if (!response.headersSent) throw error;
    write({ problem: problemOf(error, request, log) });
  }
  response.end();
}
