import { ApplicationFailure } from '@temporalio/activity';
import type { ActivityInboundCallsInterceptor } from '@temporalio/worker';
import { Fault } from '../runtime/fault.ts';

/** Lets the Fault table, and not each activity, decide what Temporal retries. */
export const faultInterceptor: ActivityInboundCallsInterceptor = {
  async execute(input, next) {
    try {
      return await next(input);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      const { code, message, retryable } = error;
      throw ApplicationFailure.create({ type: code, message, nonRetryable: !retryable });
    }
  },
};
