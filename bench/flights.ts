import { setTimeout as wait } from 'node:timers/promises';
import { join } from 'node:path';
import { packageRoot } from '../runtime/paths.ts';
import { peakRssMib, pssMib } from './memory.ts';
import { quantile, round1, timed } from './rounds.ts';
import { startFor } from './stack.ts';

const ROUNDS = 5;
const IDLE_MS = 10_000;

interface RunJson {
  readonly started_at: string;
  readonly finished_at: string;
}

/** Three million flights from Parquet to Postgres, the way from nothing to a first run, and rest. */
export async function benchFlights(say: (line: string) => void) {
  const bench = await startFor(join(packageRoot, 'examples', 'flights'), { bare: false });
  try {
    const firstMs = await timed(() => bench.highwater('run', 'weather_by_city'));
    const cold_start_s = round1((bench.startMs + firstMs) / 1000);
    say(`from nothing to the end of a first run: ${cold_start_s} s`);
    const worker = bench.stack.components.find(({ name }) => name === 'worker')?.process?.pid ?? 0;
    const seconds: number[] = [];
    for (let round = 0; round <= ROUNDS; round += 1) {
      const text = await bench.highwater('run', 'airport_delays', '--full-load', '--json');
      const { started_at, finished_at } = JSON.parse(text) as RunJson;
      if (round > 0) seconds.push((Date.parse(finished_at) - Date.parse(started_at)) / 1000);
    }
    const flights = { seconds: quantile(seconds, 0.5), worker_rss_mib: peakRssMib(worker) };
    say(`three million flights: ${JSON.stringify(flights)}`);
    await wait(IDLE_MS);
    const idle_pss_mib = pssMib(bench.stack.supervisor.pid);
    say(`the stack at rest, with its warm hosts: ${idle_pss_mib} MiB`);
    return { flights, cold_start_s, idle_pss_mib };
  } finally {
    await bench.stop();
  }
}
