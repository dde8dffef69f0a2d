import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ApiDeps } from '../deps.ts';
import { answerError, sendPlainJson } from './detail.ts';
import { endExecution, startExecution } from './report.ts';

type Answer = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/**
 * Answers the reports of starts and ends, by far the most frequent requests, before Express looks for their
 * route, which takes longer than they do. False: it is something else, or comes from a page of another site.
 */
export function quickLane({ reports, log }: Pick<ApiDeps, 'reports' | 'log'>) {
  const answers = new Map<string | undefined, Answer>([
    [
      '/start_pipeline_execution',
      async (request, response) => {
        sendPlainJson(response, 201, await startExecution(reports, request));
      },
    ],
    [
      '/end_pipeline_execution',
      async (request, response) => {
        await endExecution(reports, request);
        response.writeHead(204).end();
      },
    ],
  ]);
  return (request: IncomingMessage, response: ServerResponse): boolean => {
    const answer = answers.get(request.url);
    if (!answer || request.method !== 'POST' || request.headers.origin !== undefined) return false;
    answer(request, response).catch((error: unknown) => {
      answerError(error, request, response, log);
    });
    return true;
  };
}
