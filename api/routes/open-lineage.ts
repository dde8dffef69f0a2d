import express, { Router } from 'express';
import type * as z from 'zod';
import { Fault } from '../../runtime/fault.ts';
import { isRecord } from '../../runtime/json.ts';
import {
  OpenLineageDatasetEvent,
  OpenLineageJobEvent,
  OpenLineageRunEvent,
} from '../contract/open-lineage.ts';
import type { ApiDeps } from '../deps.ts';
import {
  receiveDatasetEvent,
  receiveJobEvent,
  receiveRunEvent,
  type ReceiverDeps,
} from '../lineage/receive-event.ts';
import { only } from '../http/method.ts';
import { parse } from '../http/parse.ts';

/** Spark's facets tell of whole query plans. */
const MAX_BYTES = 16 * 1024 * 1024;

/** Takes events where OpenLineage's clients send them. */
export function openLineageRoutes({ db, lineageEvents, autoRules }: ApiDeps): Router {
  const router = Router();
  const deps = { db, namespace: lineageEvents.namespace, autoRules };
  router
    .route('/v1/lineage')
    .post(express.json({ limit: MAX_BYTES }), async (request, response) => {
      await receive(deps, request.body);
      response.status(201).end();
    })
    .all(only('POST'));
  return router;
}

/** The spec tells the three kinds of event apart by what they hold. */
function receive(deps: ReceiverDeps, body: unknown): Promise<void> {
  if (!isRecord(body)) throw new Fault('request.invalid', 'body: must be an event of OpenLineage');
  const read = <Schema extends z.ZodType>(schema: Schema) => parse(schema, body, 'body');
  if ('run' in body) return receiveRunEvent(deps, read(OpenLineageRunEvent));
  if ('job' in body) return receiveJobEvent(deps, read(OpenLineageJobEvent));
  if ('dataset' in body) return receiveDatasetEvent(deps, read(OpenLineageDatasetEvent));
  throw new Fault('request.invalid', 'body: must have a run, a job or a dataset');
}
