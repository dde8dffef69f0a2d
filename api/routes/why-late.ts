import { Router, type Response } from 'express';
import { chainOf, rankCauses } from '../../metadata/why-late.ts';
import { NoQuery } from '../contract/query.ts';
import type { WhyLate } from '../contract/why-late.ts';
import type { ApiDeps } from '../deps.ts';
import { only } from '../http/method.ts';
import { parse } from '../http/parse.ts';
import { toFreshness, toTimeliness } from '../standings/standing-view.ts';
import { investigate } from '../why-late/investigate.ts';

export function whyLateRoutes(deps: ApiDeps): Router {
  const router = Router();
  router
    .route('/pipelines/:name/why-late')
    .get(async (request, response: Response<WhyLate>) => {
      parse(NoQuery, request.query, 'query');
      const { subject, causes } = await investigate(deps, request.params.name);
      const freshness = toFreshness(subject.freshness);
      const timeliness = toTimeliness(subject.timeliness);
      const ranked = rankCauses(causes);
      response.json({
        pipeline: subject.pipeline.name,
        late: [freshness.state, timeliness.state].includes('late'),
        ...{ freshness, timeliness },
        causes: ranked.map(({ since, evidence, ...cause }) => ({
          ...cause,
          since: since?.toISOString() ?? null,
          evidence: [...evidence],
        })),
        chain: chainOf(ranked),
      });
    })
    .all(only('GET'));
  return router;
}
