import { expect, test } from 'vitest';
import type { AttemptRecord } from '../../db/runs/run-blocks.ts';
import type { RunRecord } from '../../db/runs/runs.ts';
import { Run } from '../contract/run.ts';
import { toRun } from './run-view.ts';

const LINKS = { temporalUi: 'http://localhost:8233/', namespace: 'default' };

function run(over: Partial<RunRecord> = {}): RunRecord {
  return {
    id: 7,
    pipeline: 'orders',
    plan: null,
    state: 'running',
    trigger: 'api',
    params: {},
    full_load: false,
    scheduled_at: null,
    interval_start: null,
    interval_end: null,
    requested_at: new Date(0),
    requested_by: null,
    dispatched_at: new Date(0),
    started_at: new Date(1_000),
    finished_at: null,
    watermark: null,
    next_watermark: null,
    total_rows: null,
    workflow_id: 'orders/7-abcdef',
    temporal_run_id: null,
    parent: null,
    priority: 3,
    reason: null,
    error: null,
    flags: {},
    ...over,
  };
}

function attempt(over: Partial<AttemptRecord>): AttemptRecord {
  return {
    block: 'load',
    attempt: 1,
    state: 'succeeded',
    started_at: new Date(1_000),
    finished_at: new Date(2_000),
    rows: null,
    child_execution_id: null,
    worker: null,
    peak_memory_bytes: null,
    cpu_ms: null,
    checks: null,
    reason: null,
    error: null,
    ...over,
  };
}

const PLANNED = [
  { name: 'load', kind: 'loader' },
  { name: 'publish', kind: 'exporter' },
];

function view(record: RunRecord, attempts: readonly AttemptRecord[]) {
  return toRun({ run: record, planned: PLANNED, attempts, children: [], waits: [] }, LINKS);
}

test('a block shows its last attempt and keeps the earlier ones', () => {
  const error = { code: 'block.failed', message: 'no' };
  const { blocks } = view(run(), [
    attempt({ attempt: 1, state: 'failed', error }),
    attempt({ attempt: 2, rows: 5, finished_at: new Date(4_500) }),
  ]);

  expect(blocks[0]).toMatchObject({ state: 'succeeded', attempts: 2, rows: 5, duration_ms: 3_500 });
  expect(blocks[0]).not.toHaveProperty('error');
  expect(blocks[0]?.history.map(({ state }) => state)).toEqual(['failed', 'succeeded']);
});

test('a block without a row waits in an open run, and was skipped in an ended one', () => {
  const states = (record: RunRecord) => view(record, []).blocks.map(({ state }) => state);

  expect(states(run())).toEqual(['queued', 'queued']);
  expect(states(run({ state: 'terminated' }))).toEqual(['skipped', 'skipped']);
});

test('a block that never began has no attempts', () => {
  const { blocks } = view(run({ state: 'failed' }), [
    attempt({ block: 'publish', attempt: 0, state: 'upstream_failed', started_at: null }),
  ]);

  expect(blocks[1]).toMatchObject({ state: 'upstream_failed', attempts: 0, history: [] });
});

test('what is shown obeys the contract and links to Temporal', () => {
  const shown = view(run(), [attempt({})]);

  expect(Run.parse(JSON.parse(JSON.stringify(shown)))).toEqual(shown);
  expect(shown.links.temporal_ui).toBe(
    'http://localhost:8233/namespaces/default/workflows/orders%2F7-abcdef',
  );
});
