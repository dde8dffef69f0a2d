import { setTimeout as delay } from 'node:timers/promises';
import { sql } from 'kysely';
import { openDb, type Db } from '../../db/database.ts';
import { createLog } from '../../runtime/log.ts';
import { quantile } from '../rounds.ts';
import { startBenchStack } from '../stack.ts';

const PIPELINES = 50;
/** The first one finds worker and hosts cold, so each is told, in their order. */
const FIRES = 4;
const LOOK_EVERY_MS = 500;
const PATIENCE_MS = (FIRES + 3) * 60_000;

/** Fifty pipelines with a schedule for the same second: how long after it the last of their runs and of their blocks begins. */
export async function benchFifty(say: (line: string) => void) {
  const bench = await startBenchStack(fiftyPipelines(), { bare: false });
  const db = openDb(bench.stack.databaseUrl, createLog('bench', 'silent'), 1);
  try {
    const fires = await untilFired(db);
    const runs = fires.map(({ runs_ms }) => runs_ms);
    const blocks = fires.map(({ blocks_ms }) => blocks_ms);
    const fifty_at_once = {
      all_started_ms: Math.round(quantile(runs, 0.5)),
      worst_ms: Math.round(Math.max(...runs)),
      all_in_a_block_ms: Math.round(quantile(blocks, 0.5)),
      each_started_ms: runs.map(Math.round),
      each_in_a_block_ms: blocks.map(Math.round),
    };
    say(`${PIPELINES} schedules of the same second: ${JSON.stringify(fifty_at_once)}`);
    return { fifty_at_once };
  } finally {
    await db.destroy();
    await bench.stop();
  }
}

/** How long after it the last of the runs had begun, and the last of their blocks. */
interface Fire {
  readonly runs_ms: number;
  readonly blocks_ms: number;
}

/** The fire times at which every pipeline's run began. One before Temporal had all schedules was made up for. */
async function untilFired(db: Db): Promise<Fire[]> {
  const until = Date.now() + PATIENCE_MS;
  while (Date.now() < until) {
    const { rows } = await sql<Fire>`
      select extract(epoch from max(e.start_date) - e.scheduled_at)::float8 * 1000 as runs_ms,
        extract(epoch from max(b.began) - e.scheduled_at)::float8 * 1000 as blocks_ms
      from pipeline_execution e
      join lateral (
        select min(started_at) as began from block_run where execution_id = e.id
      ) b on b.began is not null
      where e.trigger_kind = 'schedule'
        and e.scheduled_at > (select max(deployed_at) from trigger)
      group by e.scheduled_at having count(*) = ${PIPELINES} order by e.scheduled_at`.execute(db);
    if (rows.length >= FIRES) return rows;
    await delay(LOOK_EVERY_MS);
  }
  throw new Error('The schedules did not fire as they should');
}

function fiftyPipelines(): Record<string, string> {
  const pipelines = Array.from({ length: PIPELINES }, (_, nr): [string, string] => [
    `pipelines/p${nr}.yaml`,
    `triggers: { minutely: { schedule: { cron: '* * * * *' } } }
blocks: { one: { kind: custom, file: one.ts } }
`,
  ]);
  return {
    'highwater.yaml': 'name: fifty\n',
    'blocks/one.ts': "import { block } from 'highwater';\n\nexport default block(() => 1);\n",
    ...Object.fromEntries(pipelines),
  };
}
