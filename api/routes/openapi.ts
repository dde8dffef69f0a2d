import { Router } from 'express';
import { only } from '../http/method.ts';
import { describeApi } from '../openapi/document.ts';

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
