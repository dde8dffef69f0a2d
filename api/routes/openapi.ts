import { Router } from 'express';
import { only } from '../http/method.ts';
import { describeApi } from '../openapi/document.ts';
import { sendPage } from '../pages/html.ts';
import { referencePage } from '../pages/reference-page.ts';

/** Where FastAPI and Watcher have their references. */
const PAGES = ['/docs', '/redoc', '/scalar'];

export function openapiRoutes(): Router {
  const description = describeApi();
  const router = Router();
  router
    .route('/openapi.json')
    .get((_request, response) => {
      response.json(description);
    })
    .all(only('GET'));
  const page = referencePage(description);
  router
    .route(PAGES)
    .get((_request, response) => {
      sendPage(response, page);
    })
    .all(only('GET'));
  return router;
}
