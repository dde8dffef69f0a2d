import { Router } from 'express';
import {
  changePipeline,
  declarePipeline,
  findPipeline,
  listPipelines,
  type Declaration,
} from '../../../db/pipelines/reported-pipelines.ts';
import type { ApiDeps } from '../../deps.ts';
import { only } from '../../http/method.ts';
import { PipelinePatch, PipelinePost } from '../contract/pipeline.ts';
import { inputHash } from '../input-hash.ts';
import { found, readBody, readId } from '../read.ts';

const NOT_FOUND = 'Pipeline Not Found';

export function pipelineRoutes({ db, autoRules }: ApiDeps): Router {
  const router = Router();
  router
    .route('/pipeline')
    .post(async (request, response) => {
      const post = await readBody(PipelinePost, request);
      const { created, ...pipeline } = await declarePipeline(db, toDeclaration(post, autoRules));
      response.status(created ? 201 : 200).json(pipeline);
    })
    .get(async (_request, response) => {
      response.json(await listPipelines(db));
    })
    .patch(async (request, response) => {
      const { id, pipeline_id, ...patch } = await readBody(PipelinePatch, request);
      const known = id ?? pipeline_id ?? null;
      const which = known === null ? { name: patch.name ?? '' } : { id: known };
      response.json(found(await changePipeline(db, which, toColumns(patch)), NOT_FOUND));
    })
    .all(only('GET', 'POST', 'PATCH'));
  router
    .route('/pipeline/:pipeline_id')
    .get(async (request, response) => {
      const id = readId(request, 'pipeline_id', NOT_FOUND);
      response.json(found(await findPipeline(db, id), NOT_FOUND));
    })
    .all(only('GET'));
  return router;
}

function toDeclaration(post: PipelinePost, autoRules: boolean): Declaration {
  const { name, pipeline_type_name, next_watermark = null, ...settings } = post;
  const hash = inputHash({ name, pipeline_type_name, ...settings });
  const columns = toColumns(settings);
  return {
    ...{ name, typeName: pipeline_type_name, settings: columns, hash },
    ...{ nextWatermark: next_watermark, autoRules },
  };
}

function toColumns<Fields extends { pipeline_metadata?: object | null | undefined }>({
  pipeline_metadata: metadata,
  ...columns
}: Fields) {
  if (metadata === undefined) return columns;
  return { ...columns, pipeline_metadata: metadata && JSON.stringify(metadata) };
}
