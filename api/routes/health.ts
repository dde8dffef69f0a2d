import { Router, type Response } from 'express';
import { listPendingMigrations } from '../../db/migrate.ts';
import { messageOf } from '../../runtime/fault.ts';
import type { Ready } from '../contract/health.ts';
import { NoQuery } from '../contract/query.ts';
import type { ApiDeps } from '../deps.ts';
import { only } from '../http/method.ts';
import { parse } from '../http/parse.ts';

const ANSWER_MS = 2_000;

type Missing = Ready['missing'][number];

export function healthRoutes(deps: ApiDeps): Router {
  const router = Router();
  for (const path of ['/', '/live']) {
    router
      .route(path)
      .get((request, response) => {
        parse(NoQuery, request.query, 'query');
        response.json({ status: 'live' });
      })
      .all(only('GET'));
  }
  router
    .route('/ready')
    .get(async (request, response: Response<Ready>) => {
      parse(NoQuery, request.query, 'query');
      const [database, temporal] = await Promise.all([checkDatabase(deps), checkTemporal(deps)]);
      const missing = [...database, ...temporal, ...checkProject(deps)];
      const ready = missing.length === 0;
      response.status(ready ? 200 : 503).json({ ready, missing, warnings: brokenPipelines(deps) });
    })
    .all(only('GET'));
  return router;
}

async function checkDatabase({ db }: ApiDeps): Promise<Missing[]> {
  try {
    const pending = await listPendingMigrations(db);
    if (pending.length === 0) return [];
    const message = `Not applied yet: ${pending.join(', ')}. Start the API again, it applies them`;
    return [{ name: 'migrations', message }];
  } catch (error) {
    return [{ name: 'database', message: messageOf(error) }];
  }
}

async function checkTemporal({ temporal }: ApiDeps): Promise<Missing[]> {
  try {
    await temporal.ask(ANSWER_MS, (client) =>
      client.workflowService.describeNamespace({ namespace: client.options.namespace }),
    );
    return [];
  } catch (error) {
    return [{ name: 'temporal', message: messageOf(error) }];
  }
}

function checkProject({ catalog }: ApiDeps): Missing[] {
  return catalog.problem === null ? [] : [{ name: 'project', message: catalog.problem }];
}

function brokenPipelines({ catalog }: ApiDeps): string[] {
  const broken = catalog.list().filter(({ errors }) => errors.length > 0);
  return broken.map(
    ({ name, errors }) => `${name}: ${errors.map(({ message }) => message).join('; ')}`,
  );
}
