import { Router } from 'express';
import { listAddresses } from '../../../db/lineage/addresses.ts';
import { listGraphPipelines } from '../../../db/lineage/graph.ts';
import { listDescribed, listNeighbourEdges } from '../../../db/lineage/neighbours.ts';
import type { ApiDeps } from '../../deps.ts';
import { only } from '../../http/method.ts';
import { GraphQuery } from '../contract/address-lineage.ts';
import { LINEAGE_PAGE } from '../lineage-page.ts';
import { readQuery } from '../read.ts';

/** The page without a slash at its end, its data with one. */
export function lineageGraphRoutes({ db }: ApiDeps): Router {
  const router = Router({ strict: true });
  router
    .route('/lineage-graph')
    .get((_request, response) => {
      response.type('html').send(LINEAGE_PAGE);
    })
    .all(only('GET'));
  router
    .route('/lineage-graph/')
    .get(async (request, response) => {
      const { source_address_id: id } = readQuery(GraphQuery, request);
      response.json(await loadGraph(db, id));
    })
    .all(only('GET'));
  router
    .route('/lineage-graph/addresses')
    .get(async (_request, response) => {
      response.json((await listAddresses(db)).map(({ id, name }) => ({ id, name })));
    })
    .all(only('GET'));
  router
    .route('/lineage-graph/refresh')
    .post((_request, response) => {
      response.json({ status: 'success', message: 'The graph is always up to date' });
    })
    .all(only('POST'));
  return router;
}

async function loadGraph(db: ApiDeps['db'], address: number) {
  const edges = await listNeighbourEdges(db, address);
  const ids = [...new Set(edges.flatMap(({ source, target }) => [source, target]))];
  const addresses = await listDescribed(db, ids);
  const used = [...new Set(edges.map(({ pipeline }) => pipeline))];
  const pipelines = new Map((await listGraphPipelines(db, used)).map((each) => [each.id, each]));
  return {
    nodes: addresses.map(({ id, name, type, group, metadata }) => ({
      ...{ id, name, address_type_name: type, address_type_group_name: group },
      address_metadata: metadata,
    })),
    edges: edges.map(({ source, target, pipeline }) => ({
      ...{ source_address_id: source, target_address_id: target, depth: 1 },
      ...{ lineage_path: [source, target], pipeline_id: pipeline },
      pipeline_name: pipelines.get(pipeline)?.name ?? null,
      pipeline_type_name: pipelines.get(pipeline)?.type ?? null,
      pipeline_metadata: pipelines.get(pipeline)?.metadata ?? null,
      pipeline_active: pipelines.get(pipeline)?.active ?? null,
    })),
  };
}
