import { totalmem } from 'node:os';
import { nodeArguments } from '../../runtime/paths.ts';
import type { HostCommand } from '../host-process.ts';

export interface NodeHostOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Relative paths of blocks start here. */
  readonly projectDir: string;
  /** What DuckDB may hold in memory for one block before it writes to disk; half of all, if left out. */
  readonly memoryBytes?: number;
}

/** Starts a host for TypeScript, SQL, files and tables. */
export function nodeHost({
  env,
  projectDir,
  memoryBytes = halfOfMemory(),
}: NodeHostOptions): HostCommand {
  return {
    command: process.execPath,
    args: ['--enable-source-maps', ...nodeArguments('hosts/node/main')],
    cwd: projectDir,
    env: {
      ...env,
      HIGHWATER_HOST_PARENT: String(process.pid),
      HIGHWATER_HOST_MEMORY: String(memoryBytes),
    },
  };
}

/** A container may have less than its machine; without a limit, `constrainedMemory` is 0 or huge. */
function halfOfMemory(): number {
  const limit = process.constrainedMemory();
  return Math.floor((limit > 0 ? Math.min(limit, totalmem()) : totalmem()) / 2);
}
