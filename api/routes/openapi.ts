import { Router } from 'express';
import { only } from '../method.ts';
import { describeApi } from '../openapi.ts';

export function openapiRoutes(): Router {
  const description = describeApi();
  const router = Router();
  router
    .route('/openapi.json')
    .get((_request, response) => {
      response.json(description);
    })
    .all(only('GET'));
  return router;
}
