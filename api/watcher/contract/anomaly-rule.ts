import * as z from 'zod';
import { BASELINES, METHODS, METRICS } from '../../../metadata/anomaly/rule.ts';
import { describe } from '../document.ts';
import { choice, executionId, flag, id, integer, list, model, number } from '../fields.ts';
import type { Rule } from '../fields.ts';
import { Created } from './pipeline-type.ts';

const zThreshold = () => number({ ge: 1, le: 10 });
const lookbackDays = () => integer({ ge: 1, le: 365 });
const someRuns = () => integer({ ge: 5, le: 1000 });

interface Recent {
  readonly baseline: string;
  readonly last_n: number;
  readonly minimum_executions: number;
}

const ENOUGH: Rule<Recent> = [
  'last_n must not be below minimum_executions',
  ({ baseline, last_n, minimum_executions }) =>
    baseline !== 'last_n' || last_n >= minimum_executions,
];

/** `baseline`, `last_n` and `method` are ours. */
export const AnomalyRulePost = model(
  'AnomalyDetectionRulePostInput',
  {
    pipeline_id: id(),
    metric_field: choice(METRICS),
    z_threshold: zThreshold().default(3),
    lookback_days: lookbackDays().default(30),
    minimum_executions: someRuns().default(30),
    active: flag().default(true),
    baseline: choice(BASELINES).default('hour'),
    last_n: someRuns().default(100),
    method: choice(METHODS).default('mean_sd'),
  },
  ENOUGH,
);

export const AnomalyRulePatch = model('AnomalyDetectionRulePatchInput', {
  id: id(),
  pipeline_id: id().optional(),
  metric_field: choice(METRICS).optional(),
  z_threshold: zThreshold().optional(),
  lookback_days: lookbackDays().optional(),
  minimum_executions: someRuns().optional(),
  active: flag().optional(),
  baseline: choice(BASELINES).optional(),
  last_n: someRuns().optional(),
  method: choice(METHODS).optional(),
});

export const UnflagAnomaly = model('UnflagAnomalyInput', {
  pipeline_id: id(),
  pipeline_execution_id: executionId(),
  metric_field: list(choice(METRICS)),
});

const AnomalyRule = z
  .object({
    id: z.int(),
    pipeline_id: z.int(),
    metric_field: z.enum(METRICS),
    z_threshold: z.string().describe('With two places, such as "3.00"'),
    lookback_days: z.int(),
    minimum_executions: z.int(),
    active: z.boolean(),
    baseline: z.enum(BASELINES),
    last_n: z.int().describe('How many runs a baseline of the last ones holds'),
    method: z.enum(METHODS),
    z_threshold_number: z.number(),
    declared_in: z.enum(['api', 'file']).describe('`file`: the file of the pipeline decides'),
    created_at: z.iso.datetime(),
    updated_at: z.iso.datetime().nullable(),
  })
  .meta({ id: 'AnomalyDetectionRule' });

const path = '/anomaly_detection_rule';

export const ANOMALY_PATHS = [
  describe({
    ...{ method: 'post', path, summary: 'Create a rule, or find it by its pipeline and metric' },
    body: AnomalyRulePost,
    answers: { 200: Created, 201: Created },
    problems: [404],
  }),
  describe({
    ...{ method: 'get', path, summary: 'Every rule' },
    answers: { 200: z.array(AnomalyRule) },
  }),
  describe({
    ...{ method: 'patch', path, summary: 'Change a rule' },
    body: AnomalyRulePatch,
    answers: { 200: AnomalyRule },
    problems: [400, 404],
  }),
  describe({
    ...{ method: 'get', path: `${path}/{anomaly_detection_rule_id}`, summary: 'One rule' },
    params: z.object({ anomaly_detection_rule_id: z.int() }),
    answers: { 200: AnomalyRule },
    problems: [404],
  }),
  describe({
    ...{ method: 'post', path: '/unflag_anomaly', summary: 'Take back that metrics are odd' },
    body: UnflagAnomaly,
    answers: { 204: null },
    problems: [404],
  }),
];
