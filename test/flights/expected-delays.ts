import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ensureEnvironment } from '../../hosts/python/environment.ts';
import { cacheRoot, packageRoot } from '../../runtime/paths.ts';

const run = promisify(execFile);
const MAX_BYTES = 64 * 1024 * 1024;

/** A row of `airport_delays`, as the example project publishes it. */
export interface AirportDelays {
  readonly origin: string;
  /** `YYYY-MM-DD`. */
  readonly day: string;
  readonly airport: string;
  readonly city: string;
  readonly state: string;
  readonly flights: number;
  readonly mean_delay: number;
  readonly longest_delay: number;
  readonly share_late: number;
  readonly rating: 'A' | 'B' | 'C' | 'D' | 'E';
}

/** The rows in order of origin and day, of flights before `until` (`YYYY-MM-DD`), computed with pandas. */
export async function expectedDelays(until?: string): Promise<AirportDelays[]> {
  const cache = cacheRoot(process.env);
  const { python } = await ensureEnvironment({
    project: tmpdir(),
    cache,
    python: process.env['HIGHWATER_PYTHON'],
  });
  const data = join(packageRoot, 'node_modules', 'vega-datasets', 'data');
  const script = join(packageRoot, 'test', 'flights', 'expected_delays.py');
  const args = until === undefined ? [script, data] : [script, data, until];
  const { stdout } = await run(python, args, { maxBuffer: MAX_BYTES });
  return JSON.parse(stdout) as AirportDelays[];
}
