import { randomUUID } from 'node:crypto';
import type { Run } from '../api/contract/run.ts';
import type { BenchStack } from './stack.ts';

/** A workflow of `bare/workflows.ts`, from the request to its result. */
export function runBare(
  { temporal }: BenchStack,
  workflow: 'chain' | 'fan',
  size: number,
): Promise<unknown> {
  return temporal.workflow.execute(workflow, {
    args: [size],
    taskQueue: 'bare',
    workflowId: randomUUID(),
  });
}

/** A run of a pipeline of `pipelines.ts`, from the request to the answer that it has succeeded. */
export async function runPipeline({ stack }: BenchStack, pipeline: string): Promise<Run> {
  const url = `${stack.api}/api/pipelines/${pipeline}/runs?wait=60s`;
  const response = await fetch(url, { method: 'POST' });
  const body = (await response.json()) as Run;
  if (body.state !== 'succeeded')
    throw new Error(`${pipeline}: ${JSON.stringify(body).slice(0, 500)}`);
  return body;
}

export function atOnce(count: number, work: () => Promise<unknown>): Promise<unknown> {
  return Promise.all(Array.from({ length: count }, work));
}
