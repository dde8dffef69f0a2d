import type {
  Backfill,
  BackfillInterval,
  BackfillPlan,
  BackfillRequest,
  IntervalPage,
} from '../../api/contract/backfill.ts';
import type { Problem } from '../../api/contract/problem.ts';
import type { Engine } from './engine.ts';
import { until } from './until.ts';

const END_MS = 600_000;

/** What people do with backfills over HTTP. */
export interface Backfills {
  plan(request: BackfillRequest): Promise<BackfillPlan>;
  start(request: BackfillRequest): Promise<Backfill>;
  show(id: number): Promise<Backfill>;
  steer(id: number, verb: 'pause' | 'resume' | 'cancel' | 'retry'): Promise<Backfill>;
  set(id: number, maxParallel: number): Promise<Backfill>;
  ended(id: number): Promise<Backfill>;
  /** All of them, in the order of time. */
  intervals(id: number): Promise<BackfillInterval[]>;
}

export function backfillsOf({ url }: Pick<Engine, 'url'>): Backfills {
  const ask = async <Answer>(method: string, path: string, body?: object): Promise<Answer> => {
    const response = await fetch(url + path, {
      method,
      ...(body && {
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json' },
      }),
    });
    const answer: unknown = await response.json();
    if (!response.ok) throw new Error(`${path}: ${(answer as Problem).detail}`);
    return answer as Answer;
  };
  const show = (id: number, query = '') => ask<Backfill>('GET', `/api/backfills/${id}${query}`);
  return {
    plan: (request) => ask('POST', '/api/backfills', { ...request, dry_run: true }),
    start: (request) => ask('POST', '/api/backfills', request),
    show,
    steer: (id, verb) => ask('POST', `/api/backfills/${id}/${verb}`, { actor: 'tester' }),
    set: (id, max_parallel) => ask('PATCH', `/api/backfills/${id}`, { max_parallel }),
    ended: (id) =>
      until(async () => {
        // An API that is being killed answers nothing.
        const backfill = await show(id, '?wait=5s').catch(() => undefined);
        return backfill?.ended_at ? backfill : undefined;
      }, END_MS),
    intervals: async (id) => {
      const all: BackfillInterval[] = [];
      let next: string | null = `/api/backfills/${id}/intervals?limit=1000`;
      while (next !== null) {
        const page: IntervalPage = await ask<IntervalPage>('GET', next);
        all.push(...page.intervals);
        next = page.links.next;
      }
      return all;
    },
  };
}
