import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { EventReceipt } from '../../api/contract/event.ts';
import { quantile, round1 } from '../rounds.ts';
import { startBenchStack } from '../stack.ts';

const PER_SECOND = 200;
const SECONDS = 60;
/** One in so many starts a run of its own; all of them go into batches. */
const EVERY = 20;
const COUNT = PER_SECOND * SECONDS;
const DRAIN_MS = 300_000;

const FILES = {
  'highwater.yaml': 'name: told\n',
  'pipelines/single.yaml': `
params: { number: { type: integer } }
triggers:
  every:
    event: { type: bench.told, filter: event.data.number % ${EVERY} == 0 }
    params: { number: '\${{ event.data.number }}' }
blocks: { one: { kind: custom, file: one.ts } }
`,
  'pipelines/batched.yaml': `
params: { numbers: { type: array } }
triggers:
  all:
    event: { type: bench.*, batch: { max: 100, window: 2s } }
    params: { numbers: '\${{ events.map(e, e.data.number) }}' }
blocks: { one: { kind: custom, file: one.ts } }
`,
  'blocks/one.ts': `import { block } from 'highwater';\n\nexport default block(() => 1);\n`,
};

/** Events at 200 a second for a minute: how soon each is answered, and what becomes of all of them. */
export async function benchEvents(say: (line: string) => void) {
  const bench = await startBenchStack(FILES, { bare: false });
  const db = new pg.Client({ connectionString: bench.stack.databaseUrl });
  try {
    await db.connect();
    await untilThere(db);
    for (let number = 0; number < 10; number += 1)
      await send(bench.stack.api, `warm-${number}`, 1, 'warm');
    const times = await sendAll(bench.stack.api);
    const accepted_ms = { p50: quantile(times, 0.5), p99: quantile(times, 0.99) };
    say(`${COUNT} events at ${PER_SECOND}/s: ${JSON.stringify(accepted_ms)}`);
    const began = Date.now();
    const events = await untilStarted(db);
    const after_s = round1((Date.now() - began) / 1000);
    say(`all runs asked for ${after_s} s after the last event: ${JSON.stringify(events)}`);
    return { events: { accepted_ms, after_s, ...events } };
  } finally {
    await db.end();
    await bench.stop();
  }
}

/** Triggers are registered soon after the API answers. */
async function untilThere(db: pg.Client): Promise<void> {
  for (;;) {
    const { rows } = await db.query<{ count: number }>('select count(*)::int from trigger');
    if (rows[0]?.count === 2) return;
    await delay(100);
  }
}

async function sendAll(api: string): Promise<number[]> {
  const began = Date.now();
  const sent: Promise<number>[] = [];
  for (let number = 0; number < COUNT; number += 1) {
    await delay(Math.max(0, began + (number * 1000) / PER_SECOND - Date.now()));
    sent.push(send(api, String(number), number, 'bench.told'));
  }
  return Promise.all(sent);
}

/** Answers the milliseconds until it was accepted. */
async function send(api: string, id: string, number: number, type: string): Promise<number> {
  const began = performance.now();
  const response = await fetch(`${api}/api/events`, {
    method: 'POST',
    headers: { 'content-type': 'application/cloudevents+json' },
    body: JSON.stringify({ specversion: '1.0', id, source: 'bench', type, data: { number } }),
  });
  const { duplicate } = (await response.json()) as EventReceipt;
  if (response.status !== 202 || duplicate) throw new Error(`Event ${id}: ${response.status}`);
  return performance.now() - began;
}

interface Counts {
  readonly stored: number;
  readonly single_runs: number;
  readonly singles: number;
  readonly batch_runs: number;
  readonly batched: number;
  readonly waiting: number;
}

/** Fails when an event was lost, or started more than one run. */
async function untilStarted(db: pg.Client): Promise<Omit<Counts, 'waiting'>> {
  const end = Date.now() + DRAIN_MS;
  for (;;) {
    const { rows } = await db.query<Counts>(COUNTS);
    const { waiting, ...counts } = rows[0] as Counts;
    if (waiting === 0) return check(counts);
    if (Date.now() > end) throw new Error(`${waiting} still wait: ${JSON.stringify(counts)}`);
    await delay(250);
  }
}

const COUNTS = `
  select (select count(*) from event where source = 'bench' and type = 'bench.told')::int as stored,
    s.runs as single_runs, s.numbers as singles, b.runs as batch_runs, b.numbers as batched,
    (select count(*) from event where matched_at is null)::int
      + (select count(*) from event_group where state = 'waiting')::int as waiting
  from (select count(*)::int as runs, count(distinct e.params->>'number')::int as numbers
    from pipeline_execution e join pipeline p on p.id = e.pipeline_id where p.name = 'single') s,
  (select count(distinct e.id)::int as runs, count(distinct n)::int as numbers
    from pipeline_execution e join pipeline p on p.id = e.pipeline_id,
    jsonb_array_elements(e.params->'numbers') n where p.name = 'batched') b`;

function check(counts: Omit<Counts, 'waiting'>): Omit<Counts, 'waiting'> {
  const { stored, single_runs, singles, batched } = counts;
  const right =
    stored === COUNT &&
    single_runs === COUNT / EVERY &&
    singles === single_runs &&
    batched === COUNT;
  if (!right) throw new Error(`Events were lost or came twice: ${JSON.stringify(counts)}`);
  return counts;
}
