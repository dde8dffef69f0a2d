import type { RequestHandler } from 'express';
import { Fault } from '../../runtime/fault.ts';

/** Answers every method but these with 405. */
export function only(...methods: readonly string[]): RequestHandler {
  const allowed = methods.join(', ');
  return (request, response) => {
    response.set('Allow', allowed);
    throw new Fault(
      'route.method_not_allowed',
      `${request.method} is not possible here: ${allowed}`,
    );
  };
}
