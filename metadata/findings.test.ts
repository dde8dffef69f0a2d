import { expect, test } from 'vitest';
import {
  judgeConnections,
  judgeLocks,
  judgeQueues,
  judgeSchema,
  judgeWorkers,
} from './findings.ts';

const server = { max_connections: 103, reserved: 3, used: 10 };
const quick = { latency_ms: { median: 1 }, pool: { most: 20, waiting: 0 } };

test('a server with room says nothing, a full one more and more', () => {
  const levels = (used: number) =>
    judgeConnections({ ...quick, ...server, used }).map(({ level }) => level);
  expect(levels(79)).toEqual([]);
  expect(levels(80)).toEqual(['warning']);
  expect(levels(95)).toEqual(['error']);
});

test('a slow way to the server and a busy pool are told', () => {
  const busy = { latency_ms: { median: 80 }, pool: { most: 20, waiting: 3 } };
  expect(judgeConnections({ ...server, ...busy }).map(({ message }) => message)).toEqual([
    "3 queries wait for one of the API's 20 connections",
    'A query that does nothing takes 80 ms',
  ]);
});

test('small tables may be as they like; of large ones it is told what to do', () => {
  const small = { name: 'a', rows: 10, dead_rows: 900, bytes: 8192, bloat_bytes: 8000 };
  const large = { name: 'b', rows: 20_000, dead_rows: 15_000, bytes: 1e9, bloat_bytes: 9e8 };
  const missing_indexes = [
    { table: 'a', columns: 'x', removals: 5 },
    { table: 'b', columns: 'y, z', removals: 5 },
    { table: 'b', columns: 'whose target loses nothing', removals: 0 },
  ];
  const migrations = [
    { name: '0001-runs', applied_at: new Date() },
    { name: '0002-next', applied_at: null },
  ];
  expect(judgeSchema({ migrations, tables: [small, large], missing_indexes })).toEqual([
    { level: 'error', message: 'Migration 0002-next is not applied: restart the API' },
    { level: 'warning', message: 'b has 15000 dead rows: "vacuum (analyze) b"' },
    { level: 'warning', message: 'More than half of b is empty: "vacuum full b"' },
    { level: 'warning', message: 'b (y, z) refers without an index' },
  ]);
});

test('a lock that is waited for is worse than a transaction that stays open', () => {
  const waiting = [
    { pid: 7, seconds: 9, waits_for: [8] },
    { pid: 9, seconds: 1, waits_for: [8] },
  ];
  const long_queries = [{ pid: 8, seconds: 90, state: 'idle in transaction' }];
  expect(judgeLocks({ waiting, long_queries })).toEqual([
    { level: 'error', message: 'Process 7 waits for a lock of 8 since 9 s' },
    {
      level: 'warning',
      message: 'A transaction of process 8 (idle in transaction) is open since 90 s',
    },
  ]);
});

test('a queue may be long, but not old; files wait for the night', () => {
  const levels = (name: string, oldest_seconds: number | null) =>
    judgeQueues({ [name]: { pending: 5000, oldest_seconds } }).map(({ level }) => level);
  expect(levels('notices', null)).toEqual([]);
  expect(levels('notices', 59)).toEqual([]);
  expect(levels('notices', 61)).toEqual(['warning']);
  expect(levels('notices', 601)).toEqual(['error']);
  expect(levels('artifact_removals', 86_400)).toEqual([]);
});

test('without workers nothing runs', () => {
  const facts = {
    ...{ reachable: true, problem: null, task_queue: 'highwater', last_clean_up: null },
    maintenance: { scheduled: true, paused: false },
    queues: [
      { kind: 'workflow', pollers: [], backlog: 0 },
      { kind: 'activity', pollers: ['w'], backlog: 250 },
    ],
  };
  expect(judgeWorkers(facts)).toEqual([
    { level: 'error', message: 'No worker asks highwater for workflow tasks: start one' },
    { level: 'warning', message: '250 activity tasks wait for a worker' },
  ]);
  expect(judgeWorkers({ ...facts, reachable: false, problem: 'away' })).toEqual([
    { level: 'error', message: 'away' },
  ]);
});

test('a clean-up that does not go by itself is told', () => {
  const facts = {
    ...{ reachable: true, problem: null, task_queue: 'highwater', queues: [] },
    maintenance: { scheduled: true, paused: true },
    last_clean_up: { error: 'disk full' },
  };
  expect(judgeWorkers(facts).map(({ message }) => message)).toEqual([
    'The nightly clean-up is paused in Temporal',
    'The last clean-up failed: disk full',
  ]);
});
