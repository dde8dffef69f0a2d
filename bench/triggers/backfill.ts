import type { Backfill } from '../../api/contract/backfill.ts';
import type { Run } from '../../api/contract/run.ts';
import { benchProject } from '../pipelines.ts';
import { compare } from '../rounds.ts';
import { startBenchStack, type BenchStack } from '../stack.ts';

const ROUNDS = 3;
const DAYS = 365;
const PARALLEL = 8;
const PIPELINE = 'chain3';

/** A backfill of a year of days against the same runs, asked for one by one with as many under way. */
export async function benchBackfill(say: (line: string) => void) {
  const bench = await startBenchStack(benchProject(), { bare: false });
  try {
    const { bare_ms, highwater_ms, ratio } = await compare(
      ROUNDS,
      () => byHand(bench),
      () => backfill(bench),
    );
    const backfill_365 = { by_hand_ms: bare_ms, backfill_ms: highwater_ms, ratio };
    say(`backfill of ${DAYS} days, ${PARALLEL} at the same time: ${JSON.stringify(backfill_365)}`);
    return { backfill_365 };
  } finally {
    await bench.stop();
  }
}

async function byHand(bench: BenchStack): Promise<void> {
  let asked = 0;
  const lane = async () => {
    while (asked < DAYS) {
      asked += 1;
      const { state } = await post<Run>(bench, `/api/pipelines/${PIPELINE}/runs?wait=60s`, {});
      if (state !== 'succeeded') throw new Error(`A run ${state}`);
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, lane));
}

async function backfill(bench: BenchStack): Promise<void> {
  const { id } = await post<Backfill>(bench, '/api/backfills', {
    ...{ pipeline: PIPELINE, from: '2025-01-01', to: '2026-01-01', every: '1d' },
    max_parallel: PARALLEL,
  });
  for (;;) {
    const response = await fetch(`${bench.stack.api}/api/backfills/${id}?wait=60s`);
    const { state, ended_at } = (await response.json()) as Backfill;
    if (state === 'succeeded') return;
    if (ended_at !== null) throw new Error(`The backfill ${state}`);
  }
}

async function post<Answer>({ stack }: BenchStack, path: string, body: object): Promise<Answer> {
  const response = await fetch(stack.api + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const answer: unknown = await response.json();
  if (!response.ok) throw new Error(`${path}: ${JSON.stringify(answer)}`);
  return answer as Answer;
}
