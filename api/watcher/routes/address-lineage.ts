import { Router, type Response } from 'express';
import { reportLineage } from '../../../db/lineage/report-lineage.ts';
import type { ApiDeps } from '../../deps.ts';
import { only } from '../../http/method.ts';
import { AddressLineagePost, type AddressLineagePostOutput } from '../contract/address-lineage.ts';
import { readBody, refuse } from '../read.ts';

const MOST_EDGES = 100_000;

export function addressLineageRoutes({ db }: ApiDeps): Router {
  const router = Router();
  router
    .route('/address_lineage')
    .post(async (request, response: Response<AddressLineagePostOutput>) => {
      const post = await readBody(AddressLineagePost, request);
      const { pipeline_id: id, source_addresses: sources, target_addresses: targets } = post;
      if (sources.length * targets.length > MOST_EDGES) {
        throw refuse(`More than ${MOST_EDGES} lineage relationships`, null);
      }
      const answer = await reportLineage(db, { pipelineId: id, sources, targets });
      response.status(answer?.created ? 201 : 200).json({
        pipeline_id: id,
        lineage_relationships_created: answer?.edges ?? 0,
        message: answer
          ? `lineage relationships created for pipeline ${id}`
          : `pipeline ${id} does not have load_lineage=true. no lineage relationships created.`,
      });
    })
    .all(only('POST'));
  return router;
}
