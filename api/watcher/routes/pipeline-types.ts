import { Router } from 'express';
import {
  changePipelineType,
  findOrAddPipelineType,
  findPipelineType,
  listPipelineTypes,
} from '../../../db/pipelines/pipeline-types.ts';
import type { ApiDeps } from '../../deps.ts';
import { only } from '../../http/method.ts';
import { PipelineTypePatch, PipelineTypePost } from '../contract/pipeline-type.ts';
import { found, readBody, readId } from '../read.ts';

const NOT_FOUND = 'Pipeline Type Not Found';

export function pipelineTypeRoutes({ db }: ApiDeps): Router {
  const router = Router();
  router
    .route('/pipeline_type')
    .post(async (request, response) => {
      const type = await readBody(PipelineTypePost, request);
      const { id, created } = await findOrAddPipelineType(db, type);
      response.status(created ? 201 : 200).json({ id });
    })
    .get(async (_request, response) => {
      response.json(await listPipelineTypes(db));
    })
    .patch(async (request, response) => {
      const { id = null, ...patch } = await readBody(PipelineTypePatch, request);
      const which = id === null ? { name: patch.name ?? '' } : { id };
      response.json(found(await changePipelineType(db, which, patch), NOT_FOUND));
    })
    .all(only('GET', 'POST', 'PATCH'));
  router
    .route('/pipeline_type/:pipeline_type_id')
    .get(async (request, response) => {
      const id = readId(request, 'pipeline_type_id', NOT_FOUND);
      response.json(found(await findPipelineType(db, id), NOT_FOUND));
    })
    .all(only('GET'));
  return router;
}
