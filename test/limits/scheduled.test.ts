import { afterAll, beforeAll, expect, test } from 'vitest';
import { isClosed } from '../../plan/run-state.ts';
import { startEngine, type Engine } from '../support/engine.ts';
import { until } from '../support/until.ts';
import { createGates, GATE, type Gates } from './gate.ts';

let engine: Engine;
const gates: Partial<Record<string, Gates>> = {};

/** Fires every second, and each run holds on until its gate is opened. */
const often = (name: string, folder: string, onLimit: string) => `
concurrency: { max_runs: 1, on_limit: ${onLimit} }
params: { folder: { type: string }, name: { type: string } }
blocks: { hold: { kind: custom, file: gate.ts } }
triggers:
  often:
    schedule: { interval: 1s, overlap: allow_all }
    params: { folder: '${folder}', name: ${name} }
`;

beforeAll(async () => {
  const files: Record<string, string> = { 'blocks/gate.ts': GATE };
  for (const onLimit of ['queue', 'skip']) {
    const its = await createGates();
    gates[onLimit] = its;
    files[`pipelines/${onLimit}.yaml`] = often(onLimit, its.folder, onLimit);
  }
  engine = await startEngine(files);
});
afterAll(() => engine.stop());

const runsOf = async (pipeline: string) =>
  (await engine.list(`pipeline=${pipeline}&limit=200`)).toSorted((a, b) => a.id - b.id);

const pause = async (pipeline: string) => {
  const response = await fetch(`${engine.url}/api/triggers?pipeline=${pipeline}`);
  const { triggers } = (await response.json()) as { triggers: { id: number }[] };
  await fetch(`${engine.url}/api/triggers/${triggers[0]?.id}/pause`, { method: 'POST' });
};

test('runs of a schedule that fires too often queue for the limit, and have their turn in the order of their times', async () => {
  await gates['queue']?.begun('queue');
  const queued = await until(async () => {
    const waiting = (await runsOf('queue')).filter(({ reason }) => reason?.code === 'limit');
    return waiting.length >= 2 ? waiting : undefined;
  });
  expect(queued[0]?.reason?.message).toMatch(/^waits for run \d+ of queue \(limit 1\), place 1$/);

  await pause('queue');
  await gates['queue']?.letGo('queue');
  const runs = await until(async () => {
    const all = await runsOf('queue');
    return all.every(({ state }) => isClosed(state)) ? all : undefined;
  });

  expect(new Set(runs.map(({ state }) => state))).toEqual(new Set(['succeeded']));
  const times = runs.map(({ started_at }) => started_at ?? '');
  expect(times.toSorted()).toEqual(times);
  const ends = runs.map(({ finished_at }) => finished_at ?? '');
  for (const [at, start] of times.slice(1).entries()) expect(start >= (ends[at] ?? '')).toBe(true);
  const about = runs.map(({ scheduled_at }) => scheduled_at);
  expect(new Set(about).size).toBe(runs.length);
});

test('with on_limit: skip a fire time at which a run is under way leaves a skipped run that says why', async () => {
  await gates['skip']?.begun('skip');
  const first = (await runsOf('skip')).find(({ state }) => state === 'running');
  const skipped = await until(async () => {
    const those = (await runsOf('skip')).filter(({ state }) => state === 'skipped');
    return those.length >= 2 ? those : undefined;
  });

  await pause('skip');
  await gates['skip']?.letGo('skip');
  const runs = await until(async () => {
    const all = await runsOf('skip');
    return all.every(({ state }) => isClosed(state)) ? all : undefined;
  });

  expect(runs.find(({ id }) => id === first?.id)?.state).toBe('succeeded');
  for (const { reason, scheduled_at } of skipped) {
    expect(reason?.message).toBe(`skipped: run ${first?.id} of skip was under way (limit 1)`);
    expect(scheduled_at).not.toBeNull();
  }
  expect(runs.filter(({ state }) => state === 'failed')).toEqual([]);
});
