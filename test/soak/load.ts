import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { Run } from '../../api/contract/run.ts';
import { isClosed } from '../../plan/run-state.ts';
import { ENDS, type Soaked } from './files.ts';
import type { SoakStack } from './soak-stack.ts';

export interface Accepted {
  readonly id: number;
  readonly pipeline: Soaked;
}

const OPEN = 5;
const PAUSE_MS = 300;
const END_MS = 180_000;
const HAS_ENDED = 409;

/** Keeps a few runs open until the signal, ends those that are to be ended, and waits for them all. */
export async function load(stack: SoakStack, until: AbortSignal): Promise<Accepted[]> {
  const accepted: Accepted[] = [];
  const open = new Set<Promise<void>>();
  while (!until.aborted) {
    if (open.size < OPEN) {
      const run = await accept(stack, pick());
      accepted.push(run);
      const ending = live(stack, run).finally(() => open.delete(ending));
      open.add(ending);
    } else {
      await Promise.race(open);
    }
    await wait(PAUSE_MS);
  }
  await Promise.all(open);
  return accepted;
}

function pick(): Soaked {
  const names = Object.keys(ENDS) as Soaked[];
  return names[Math.floor(Math.random() * names.length)] ?? 'delivery';
}

/** Asks until the API takes it; the key makes it one run however often it is asked. */
async function accept({ api }: SoakStack, pipeline: Soaked): Promise<Accepted> {
  const headers = { 'idempotency-key': randomUUID() };
  const url = `${api}/api/pipelines/${pipeline}/runs`;
  const run = await patiently(() => ask<Run>(url, { method: 'POST', headers }));
  return { id: run.id, pipeline };
}

async function live(stack: SoakStack, { id, pipeline }: Accepted): Promise<void> {
  const url = `${stack.api}/api/runs/${id}`;
  if (pipeline === 'cancelled') {
    await wait(Math.random() * 8_000);
    await patiently(() => cancel(url));
  }
  if (pipeline === 'terminated') {
    await wait(Math.random() * 8_000);
    const { workflow_id } = await patiently(() => ask<Run>(url));
    const handle = stack.temporal.workflow.getHandle(workflow_id ?? '');
    await patiently(() => handle.terminate('the soak ends it'));
  }
  const end = Date.now() + END_MS;
  while (!isClosed((await patiently(() => ask<Run>(`${url}?wait=10s`))).state)) {
    if (Date.now() > end) return; // it is counted as not ended
  }
}

/** Asked again after an API that was killed took its answer along, it may hear that the run has ended. */
async function cancel(url: string): Promise<void> {
  const { ok, status } = await fetch(`${url}/cancel`, { method: 'POST' });
  if (!ok && status !== HAS_ENDED) throw new Error(`${url}/cancel: ${status}`);
}

async function ask<Answer>(url: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(url, init);
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  return (await response.json()) as Answer;
}

async function patiently<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  const end = Date.now() + END_MS;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (Date.now() > end) throw error;
      await wait(200);
    }
  }
}
