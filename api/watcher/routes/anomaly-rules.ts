import { Router } from 'express';
import {
  changeRule,
  findOrAddRule,
  findRule,
  listRules,
  type RuleRow,
} from '../../../db/anomalies/rules.ts';
import { unflagRun } from '../../../db/anomalies/unflag-run.ts';
import type { Metric } from '../../../metadata/anomaly/rule.ts';
import { Fault } from '../../../runtime/fault.ts';
import type { ApiDeps } from '../../deps.ts';
import { only } from '../../http/method.ts';
import { AnomalyRulePatch, AnomalyRulePost, UnflagAnomaly } from '../contract/anomaly-rule.ts';
import { found, readBody, readId } from '../read.ts';

const NOT_FOUND = 'Anomaly detection rule not found';

export function anomalyRuleRoutes({ db }: ApiDeps): Router {
  const router = Router();
  router
    .route('/anomaly_detection_rule')
    .post(async (request, response) => {
      const rule = await readBody(AnomalyRulePost, request);
      const { id, created } = await findOrAddRule(db, rule);
      response.status(created ? 201 : 200).json({ id });
    })
    .get(async (_request, response) => {
      response.json((await listRules(db)).map(toRule));
    })
    .patch(async (request, response) => {
      const { id, ...patch } = await readBody(AnomalyRulePatch, request);
      response.json(toRule(found(await changeRule(db, id, patch), NOT_FOUND)));
    })
    .all(only('GET', 'POST', 'PATCH'));
  router
    .route('/anomaly_detection_rule/:anomaly_detection_rule_id')
    .get(async (request, response) => {
      const id = readId(request, 'anomaly_detection_rule_id', NOT_FOUND);
      response.json(toRule(found(await findRule(db, id), NOT_FOUND)));
    })
    .all(only('GET'));
  router
    .route('/unflag_anomaly')
    .post(async (request, response) => {
      const { pipeline_id, pipeline_execution_id, ...sent } = await readBody(
        UnflagAnomaly,
        request,
      );
      const unflagging = { executionId: pipeline_execution_id, pipelineId: pipeline_id };
      const metrics = sent.metric_field;
      const { outcome } = await unflagRun(db, { ...unflagging, metrics });
      if (outcome !== 'unflagged') {
        throw new Fault('record.not_found', refusals(pipeline_execution_id, metrics)[outcome]);
      }
      response.status(204).end();
    })
    .all(only('POST'));
  return router;
}

/** Watcher's own texts; the list is written as Python writes it. */
function refusals(id: number, metrics: readonly Metric[]) {
  const list = metrics.map((metric) => `'${metric}'`).join(', ');
  return {
    unknown_run: `Pipeline execution ${id} not found`,
    never_flagged: `No anomaly flags found for execution ${id}`,
    not_flagged: `None of the requested metrics [${list}] are currently flagged`,
  };
}

/** A decimal is text in Watcher's answers. */
function toRule({ z_threshold, ...rule }: RuleRow) {
  return { ...rule, z_threshold: z_threshold.toFixed(2), z_threshold_number: z_threshold };
}
