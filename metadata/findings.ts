/** Something that a person should look at. */
export interface Finding {
  readonly level: 'warning' | 'error';
  /** What is so, and what to do about it. */
  readonly message: string;
}

export interface ConnectionSigns {
  readonly latency_ms: { readonly median: number };
  readonly pool: { readonly most: number; readonly waiting: number };
  readonly max_connections: number;
  readonly reserved: number;
  readonly used: number;
}

const SLOW_MS = 50;

export function judgeConnections(facts: ConnectionSigns): Finding[] {
  const { latency_ms, pool, used } = facts;
  const most = facts.max_connections - facts.reserved;
  return [
    ...(used >= 0.8 * most
      ? [found(used >= 0.95 * most, `${used} of ${most} connections of Postgres are taken`)]
      : []),
    ...(pool.waiting > 0
      ? [found(false, `${pool.waiting} queries wait for one of the API's ${pool.most} connections`)]
      : []),
    ...(latency_ms.median > SLOW_MS
      ? [found(false, `A query that does nothing takes ${latency_ms.median} ms`)]
      : []),
  ];
}

export interface SchemaSigns {
  readonly migrations: readonly { readonly name: string; readonly applied_at: unknown }[];
  readonly tables: readonly {
    readonly name: string;
    readonly rows: number;
    readonly dead_rows: number;
    readonly bytes: number;
    readonly bloat_bytes: number;
  }[];
  readonly missing_indexes: readonly {
    readonly table: string;
    readonly columns: string;
    readonly removals: number;
  }[];
}

const MANY_ROWS = 10_000;
const MANY_BYTES = 50 * 1024 * 1024;

export function judgeSchema({ migrations, tables, missing_indexes }: SchemaSigns): Finding[] {
  const missing = migrations.filter(({ applied_at }) => applied_at === null);
  const large = new Set(tables.filter(({ rows }) => rows > MANY_ROWS).map(({ name }) => name));
  return [
    ...missing.map(({ name }) => found(true, `Migration ${name} is not applied: restart the API`)),
    ...tables
      .filter(({ rows, dead_rows }) => dead_rows > MANY_ROWS && dead_rows > 0.2 * rows)
      .map(({ name, dead_rows }) =>
        found(false, `${name} has ${dead_rows} dead rows: "vacuum (analyze) ${name}"`),
      ),
    ...tables
      .filter(({ bytes, bloat_bytes }) => bloat_bytes > MANY_BYTES && bloat_bytes > 0.5 * bytes)
      .map(({ name }) => found(false, `More than half of ${name} is empty: "vacuum full ${name}"`)),
    ...missing_indexes
      .filter(({ table, removals }) => large.has(table) && removals > 0)
      .map(({ table, columns }) => found(false, `${table} (${columns}) refers without an index`)),
  ];
}

export interface LockSigns {
  readonly waiting: readonly {
    readonly pid: number;
    readonly seconds: number;
    readonly waits_for: readonly number[];
  }[];
  readonly long_queries: readonly {
    readonly pid: number;
    readonly seconds: number;
    readonly state: string;
  }[];
}

const LONG_WAIT_S = 5;
const LONG_TRANSACTION_S = 60;

export function judgeLocks({ waiting, long_queries }: LockSigns): Finding[] {
  return [
    ...waiting
      .filter(({ seconds }) => seconds > LONG_WAIT_S)
      .map(({ pid, seconds, waits_for }) =>
        found(
          true,
          `Process ${pid} waits for a lock of ${waits_for.join(', ')} since ${seconds} s`,
        ),
      ),
    ...long_queries
      .filter(({ seconds }) => seconds > LONG_TRANSACTION_S)
      .map(({ pid, seconds, state }) =>
        found(false, `A transaction of process ${pid} (${state}) is open since ${seconds} s`),
      ),
  ];
}

export type QueueSigns = Readonly<
  Record<string, { readonly pending: number; readonly oldest_seconds: number | null }>
>;

const LATE_S = 60;
const VERY_LATE_S = 600;
/** Files are removed at night. */
const NIGHTLY_S = 2 * 86_400;

export function judgeQueues(queues: QueueSigns): Finding[] {
  return Object.entries(queues).flatMap(([name, { pending, oldest_seconds: age }]) => {
    const patience = name === 'artifact_removals' ? NIGHTLY_S : LATE_S;
    if (age === null || age <= patience) return [];
    const text = `${name.replaceAll('_', ' ')}: ${pending} wait, the first since ${age} s`;
    return [found(age > Math.max(patience, VERY_LATE_S), text)];
  });
}

export interface WorkerSigns {
  readonly reachable: boolean;
  readonly problem: string | null;
  readonly task_queue: string;
  readonly queues: readonly {
    readonly kind: string;
    readonly pollers: readonly unknown[];
    readonly backlog: number | null;
  }[];
  readonly maintenance: { readonly scheduled: boolean; readonly paused: boolean };
  readonly last_clean_up: { readonly error: string | null } | null;
}

const MANY_TASKS = 100;

export function judgeWorkers(facts: WorkerSigns): Finding[] {
  if (!facts.reachable) return [found(true, facts.problem ?? 'Temporal does not answer')];
  const { queues, maintenance, last_clean_up, task_queue } = facts;
  const failed = last_clean_up?.error ?? null;
  return [
    ...queues
      .filter(({ pollers }) => pollers.length === 0)
      .map(({ kind }) => found(true, `No worker asks ${task_queue} for ${kind} tasks: start one`)),
    ...queues
      .filter(({ backlog }) => (backlog ?? 0) >= MANY_TASKS)
      .map(({ kind, backlog }) => found(false, `${backlog} ${kind} tasks wait for a worker`)),
    ...(maintenance.scheduled ? [] : [found(false, 'The nightly clean-up is not scheduled yet')]),
    ...(maintenance.paused ? [found(false, 'The nightly clean-up is paused in Temporal')] : []),
    ...(failed === null ? [] : [found(false, `The last clean-up failed: ${failed}`)]),
  ];
}

function found(isError: boolean, message: string): Finding {
  return { level: isError ? 'error' : 'warning', message };
}
