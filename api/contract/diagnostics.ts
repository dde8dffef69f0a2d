import * as z from 'zod';
import { CleanUp } from './clean-up.ts';
import { Time } from './time.ts';

export const PARTS = ['connections', 'schema', 'locks', 'queues', 'workers'] as const;
export type Part = (typeof PARTS)[number];

const Query = z.object({
  pid: z.int(),
  application: z.string(),
  state: z.string(),
  seconds: z.number().describe('Since its transaction began'),
  query: z.string().describe('The first 300 characters'),
});

const Connections = z.object({
  version: z.string(),
  started_at: Time,
  latency_ms: z.object({ median: z.number(), slowest: z.number() }),
  pool: z.object({ most: z.int(), open: z.int(), idle: z.int(), waiting: z.int() }),
  max_connections: z.int(),
  reserved: z.int(),
  used: z.int(),
  clients: z.array(z.object({ application: z.string(), state: z.string(), connections: z.int() })),
});

const Schema = z.object({
  bytes: z.int(),
  migrations: z.array(z.object({ name: z.string(), applied_at: Time.nullable() })),
  tables: z
    .array(
      z.object({
        name: z.string(),
        rows: z.int().describe('As the planner guesses'),
        dead_rows: z.int(),
        bytes: z.int(),
        index_bytes: z.int(),
        bloat_bytes: z.int().describe('A guess from the average width of its columns'),
        whole_reads: z.int(),
        index_reads: z.int(),
        vacuumed_at: Time.nullable(),
        analyzed_at: Time.nullable(),
      }),
    )
    .describe('The largest first'),
  indexes: z.array(
    z.object({
      name: z.string(),
      table: z.string(),
      bytes: z.int(),
      reads: z.int(),
      unused: z.boolean().describe('Never read, and it keeps no key unique'),
    }),
  ),
  missing_indexes: z
    .array(
      z.object({
        table: z.string(),
        columns: z.string(),
        removals: z.int().describe('Rows that what they refer to has lost'),
      }),
    )
    .describe('References that no index serves'),
});

const Locks = z.object({
  waiting: z.array(Query.extend({ waits_for: z.array(z.int()).describe('Process ids') })),
  long_queries: z.array(Query).describe('Of transactions that are open for more than 5 s'),
  deadlocks: z.int(),
  rolled_back: z.int(),
  cache_hits: z.number().nullable().describe('Share of reads that found their page in memory'),
  temporary_bytes: z.int(),
});

const Queue = z.object({ pending: z.int(), oldest_seconds: z.number().nullable() });

const Queues = z.object({
  queued_runs: Queue.describe('Asked for, and not yet brought to Temporal'),
  anomaly_checks: Queue,
  deadline_checks: Queue,
  notices: Queue.describe('Raised, and not yet routed'),
  notice_deliveries: Queue,
  open_lineage_events: Queue,
  artifact_removals: Queue.describe('Files that nobody needs any more'),
  daily_changes: Queue.describe('Late changes of days that are summed up'),
});

const Workers = z.object({
  reachable: z.boolean().describe('Whether Temporal answers'),
  problem: z.string().nullable(),
  task_queue: z.string(),
  queues: z.array(
    z.object({
      kind: z.enum(['workflow', 'activity', 'sensor']),
      pollers: z.array(
        z.object({
          identity: z.string(),
          last_seen_at: Time.nullable(),
          polls_per_second: z.number(),
        }),
      ),
      backlog: z
        .int()
        .nullable()
        .describe('Tasks that wait, about; null: the server does not tell'),
    }),
  ),
  maintenance: z.object({
    scheduled: z.boolean(),
    paused: z.boolean(),
    next_at: Time.nullable(),
  }),
  last_clean_up: CleanUp.nullable(),
});

const Facts = z.object({
  connections: Connections,
  schema: Schema,
  locks: Locks,
  queues: Queues,
  workers: Workers,
});
export type Facts = z.infer<typeof Facts>;

const Finding = z
  .object({ part: z.enum(PARTS), level: z.enum(['warning', 'error']), message: z.string() })
  .meta({ id: 'Finding' });
export type Finding = z.infer<typeof Finding>;

const Judged = z.object({
  healthy: z.boolean().describe('Nothing is an error'),
  findings: z.array(Finding),
});

export const Diagnostics = Judged.extend(Facts.shape).meta({ id: 'Diagnostics' });
export type Diagnostics = z.infer<typeof Diagnostics>;

/** The part that was asked for, under its own name. */
export const DiagnosticsPart = Judged.extend(Facts.partial().shape).meta({ id: 'DiagnosticsPart' });
export type DiagnosticsPart = z.infer<typeof DiagnosticsPart>;
