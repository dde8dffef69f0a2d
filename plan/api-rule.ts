import { rateOf, type ApiTrigger } from '../pipeline/api-trigger.ts';
import type { ApiRule } from '../triggers/api-rule.ts';

export function apiRuleOf({ signature, rate_limit }: ApiTrigger): ApiRule {
  return {
    ...(signature && { signature }),
    ...(rate_limit !== undefined && { rate: rateOf(rate_limit) }),
  };
}
