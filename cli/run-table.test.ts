import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import type { BlockRun, Run } from '../api/contract/run.ts';
import type { RunTree } from './follow-run.ts';
import { lineProgress } from './run-progress.ts';
import { drawRun } from './run-table.ts';

const START = '2026-01-01T00:00:00.000Z';

function block(name: string, over: Partial<BlockRun> = {}): BlockRun {
  return {
    name,
    kind: 'loader',
    state: 'queued',
    rows: null,
    attempts: 0,
    duration_ms: null,
    history: [],
    ...over,
  };
}

function run(blocks: BlockRun[], over: Partial<Run> = {}): Run {
  return {
    id: 7,
    pipeline: 'orders',
    state: 'running',
    trigger: 'api',
    params: {},
    full_load: false,
    priority: 3,
    reason: null,
    ...{ scheduled_at: null, interval_start: null, interval_end: null },
    requested_at: START,
    requested_by: null,
    started_at: START,
    finished_at: null,
    watermark: null,
    next_watermark: null,
    total_rows: null,
    workflow_id: 'orders/7-abcdef',
    parent: null,
    error: null,
    links: { self: '', logs: '', temporal_ui: null },
    flags: {},
    blocks,
    children: [],
    ...over,
  };
}

const alone = (one: Run): RunTree => ({ run: one, children: new Map() });

function draw(tree: RunTree, width = 80, height = 24): string[] {
  return drawRun(tree, { width, height }, Date.parse(START) + 2_500).map(stripVTControlCharacters);
}

test('a table shows each block with its state, rows and time', () => {
  const done = block('load', { state: 'succeeded', rows: 3_000_000, duration_ms: 1_234 });

  expect(draw(alone(run([done, block('publish')])))).toEqual([
    '▶ orders run 7 running 2.5s',
    '  ✓ load     loader  succeeded  3,000,000 rows  1.2s',
    '  · publish  loader  queued',
  ]);
});

test('blocks of a sub-pipeline stand below its block', () => {
  const parent = run([block('weather', { kind: 'pipeline', state: 'running', child_run: 8 })]);
  const child = run([block('cities', { state: 'running' })], { id: 8 });
  const tree = { run: parent, children: new Map([['weather', alone(child)]]) };

  expect(draw(tree)[2]).toMatch(/^ {4}▶ cities/);
});

test('no line is wider than the screen, and no table is higher', () => {
  const error = { code: 'block.failed', message: 'x'.repeat(500) };
  const blocks = Array.from({ length: 500 }, (_, at) =>
    block(`b${at}`, at === 250 ? { state: 'failed', error } : {}),
  );

  const lines = draw(alone(run(blocks)), 60, 20);

  expect(lines.length).toBeLessThan(20);
  expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(60);
  expect(lines.join('\n')).toContain('✗ b250');
  expect(lines.at(-1)).toBe('  … and 483 more blocks');
});

test('plain progress prints one line for each change', () => {
  const lines: string[] = [];
  const show = lineProgress((line) => lines.push(line));
  const states: BlockRun[] = [
    block('load', { state: 'running', attempts: 1 }),
    block('load', { state: 'running', attempts: 1 }),
    block('load', { state: 'running', attempts: 2 }),
    block('load', { state: 'succeeded', attempts: 2, rows: 1, duration_ms: 20 }),
  ];

  for (const state of states) show(alone(run([state])));
  show(alone(run(states.slice(-1), { state: 'succeeded', finished_at: START })));

  expect(lines).toEqual([
    'orders  run 7 running',
    'orders/load  running',
    'orders/load  running (attempt 2)',
    'orders/load  succeeded (attempt 2), 1 row, 20ms',
    'orders  run 7 succeeded after 0ms',
  ]);
});

test('lines name a run at once, also one that had ended before anybody looked', () => {
  const lines: string[] = [];
  const ended = run([block('load', { state: 'succeeded', rows: 3 })], { state: 'succeeded' });

  lineProgress((line) => lines.push(line))(alone(ended));

  expect(lines).toEqual([
    'orders  run 7 started',
    'orders/load  succeeded, 3 rows',
    'orders  run 7 succeeded',
  ]);
});
