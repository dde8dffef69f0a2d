import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { backfillsOf } from '../support/backfills.ts';
import { startEngine, type Engine } from '../support/engine.ts';
import { listIntervalRuns } from '../support/interval-runs.ts';
import { mirrorDifferences } from '../support/mirror-differences.ts';
import { typescript } from '../support/project.ts';
import { until } from '../support/until.ts';

const DAYS = 365;
/** After so many intervals each both processes are killed. */
const KILLS_AT = [60, 160, 290];
const LONGEST_PAUSE_MS = 500;

const FILES = {
  'pipelines/days.yaml': `blocks:
  one: { kind: custom, file: briefly.ts }
  two: { kind: custom, file: briefly.ts, after: [one] }
  three: { kind: custom, file: briefly.ts, after: [two] }
`,
  'blocks/briefly.ts': typescript('await sleep(20, undefined, { signal }); return 1;'),
};

let engine: Engine;

beforeAll(async () => {
  engine = await startEngine(FILES);
});
afterAll(() => engine.stop());

test('of a year of days none is lost and none runs twice, though worker and API are killed three times', async () => {
  const backfills = backfillsOf(engine);
  const asked = { pipeline: 'days', from: '2025-01-01', to: '2026-01-01', every: '1d' };
  const { id, workflow_id } = await backfills.start({ ...asked, max_parallel: 8 });
  for (const done of KILLS_AT) {
    await until(async () => ((await backfills.show(id)).counts.succeeded ?? 0) >= done, 240_000);
    await wait(Math.random() * LONGEST_PAUSE_MS);
    await Promise.all([engine.killWorker(), engine.killApi()]);
  }

  const ended = await backfills.ended(id);

  expect(ended).toMatchObject({ state: 'succeeded', counts: { succeeded: DAYS } });
  const runs = await listIntervalRuns(engine.db, id);
  expect(runs).toHaveLength(DAYS);
  expect(runs.filter(({ runs, succeeded }) => runs !== 1 || succeeded !== 1)).toEqual([]);
  const intervals = await backfills.intervals(id);
  expect(intervals.filter(({ attempts }) => attempts !== 1)).toEqual([]);
  for (const { run } of intervals) {
    expect(await mirrorDifferences(engine.db, engine.temporal, run ?? 0)).toEqual([]);
  }
  // It has gone on in a second history, and every child is one that a history of it knows.
  const parent = await engine.temporal.workflow.getHandle(workflow_id).describe();
  expect(parent.runId).not.toBe(parent.raw.workflowExecutionInfo?.firstRunId);
});
