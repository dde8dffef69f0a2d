import type { Check } from '../check.ts';

/** A baseline that can't hold enough runs would never say anything. */
export const checkAnomalies: Check = ({ definition }) =>
  Object.entries(definition.anomalies ?? {}).flatMap(([metric, rule]) => {
    if (rule?.baseline !== 'last_n' || rule.last_n >= rule.minimum_executions) return [];
    const message = `last_n (${rule.last_n}) must not be below minimum_executions (${rule.minimum_executions})`;
    return [{ path: ['anomalies', metric], code: 'anomalies.invalid', message }];
  });
