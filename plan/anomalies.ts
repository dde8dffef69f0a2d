import type { Rule } from '../metadata/anomaly/rule.ts';
import { METRICS } from '../metadata/anomaly/rule.ts';
import type { AnomalyRules } from '../pipeline/anomalies.ts';

/** The rules that a pipeline's file names, in the order of the metrics. */
export function rulesOf(rules: AnomalyRules = {}): Rule[] {
  return METRICS.flatMap((metric) => {
    const rule = rules[metric];
    if (!rule) return [];
    return {
      ...{ metric, zThreshold: rule.z_threshold, lookbackDays: rule.lookback_days },
      ...{ minimumExecutions: rule.minimum_executions, lastN: rule.last_n },
      ...{ baseline: rule.baseline, method: rule.method },
    };
  });
}
