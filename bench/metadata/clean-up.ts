import { quantile, round1 } from '../rounds.ts';
import type { LogCleanup } from '../../api/watcher/contract/maintenance.ts';
import { Connection } from './connection.ts';
import type { History } from './history.ts';
import { reportExecutions } from './load.ts';

const CONNECTIONS = 16;
const SLICE_S = 5;
const RETENTION_DAYS = 90;
const USED_PIPELINES = 100;

/** Executions are reported over 16 connections while all that are older than 90 days are removed. */
export async function benchCleanUp(api: string, { size }: History, say: (line: string) => void) {
  const pipelines = Array.from(
    { length: Math.min(USED_PIPELINES, size.pipelines) },
    (_, at) => at + 1,
  );
  const load = { url: api, pipelines, connections: CONNECTIONS, seconds: SLICE_S };
  const before = await reportExecutions(load);

  const began = performance.now();
  let removed: LogCleanup | undefined;
  const cleaning = removeLogs(api).then((answer) => (removed = answer));
  const [startMs, endMs]: [number[], number[]] = [[], []];
  while (removed === undefined) {
    const slice = await Promise.race([reportExecutions(load), failure(cleaning)]);
    startMs.push(...slice.startMs);
    endMs.push(...slice.endMs);
  }
  const seconds = (performance.now() - began) / 1000;
  const figures = {
    executions_removed: removed.total_pipeline_executions_deleted,
    seconds: Math.round(seconds),
    executions_reported_per_second: Math.round(endMs.length / seconds),
    start_p99_ms: round1(quantile(startMs, 0.99)),
    end_p99_ms: round1(quantile(endMs, 0.99)),
    without: {
      executions_reported_per_second: Math.round(before.endMs.length / before.seconds),
      start_p99_ms: round1(quantile(before.startMs, 0.99)),
      end_p99_ms: round1(quantile(before.endMs, 0.99)),
    },
  };
  say(`clean-up under load: ${JSON.stringify(figures)}`);
  return figures;
}

async function removeLogs(api: string): Promise<LogCleanup> {
  const connection = new Connection(api);
  const { body } = await connection.post('/log_cleanup', { retention_days: RETENTION_DAYS });
  connection.close();
  return JSON.parse(body) as LogCleanup;
}

/** Rejects when the work does; otherwise it never says anything. */
function failure(work: Promise<unknown>): Promise<never> {
  return new Promise((_resolve, reject) => {
    work.catch(reject);
  });
}
