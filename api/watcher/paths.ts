import * as z from 'zod';
import { ADDRESS_LINEAGE_PATHS } from './contract/address-lineage.ts';
import { ADDRESS_PATHS } from './contract/address.ts';
import { ANOMALY_PATHS } from './contract/anomaly-rule.ts';
import { CHECK_PATHS } from './contract/check.ts';
import { EXECUTION_PATHS } from './contract/execution.ts';
import { MAINTENANCE_PATHS } from './contract/maintenance.ts';
import { PIPELINE_TYPE_PATHS } from './contract/pipeline-type.ts';
import { PIPELINE_PATHS } from './contract/pipeline.ts';
import { describe } from './document.ts';

/** Every path of Watcher's that its OpenAPI document names. */
export const WATCHER_PATHS = [
  describe({
    method: 'get',
    path: '/',
    summary: 'Whether the process runs',
    answers: { 200: z.object({ status: z.literal('ok') }) },
  }),
  ...PIPELINE_PATHS,
  ...PIPELINE_TYPE_PATHS,
  ...EXECUTION_PATHS,
  ...CHECK_PATHS,
  ...ADDRESS_PATHS,
  ...ADDRESS_LINEAGE_PATHS,
  ...ANOMALY_PATHS,
  ...MAINTENANCE_PATHS,
];
