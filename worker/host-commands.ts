import type { HostPoolOptions } from '../hosts/pool.ts';
import { nodeHost } from '../hosts/node/command.ts';
import { pythonHost } from '../hosts/python/command.ts';
import type { readSettings } from '../project/read-settings.ts';
import type { Config } from '../runtime/config.ts';
import type { Logger } from '../runtime/log.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Blocks see the worker's environment without the ways into Highwater's own servers. */
const WITHHELD = ['DATABASE_URL', 'TEMPORAL_API_KEY', 'TEMPORAL_ADDRESS'];

export interface HostSettings {
  readonly config: Config;
  readonly settings: ReturnType<typeof readSettings>;
  readonly environment: Environment;
  readonly log: Logger;
  /** Aborted when the worker is about to end. */
  readonly stopping: AbortSignal;
}

/** How the hosts of each language are started. Python's environment is made when first asked for. */
export function hostCommands(of: HostSettings): HostPoolOptions['commands'] {
  const env = withhold(of.environment);
  const { project, cache, python } = of.config;
  const onProgress = (line: string): void => {
    of.log.info({ line }, 'python environment');
  };
  const requirements = of.settings.python?.requirements;
  return {
    typescript: () => nodeHost({ env, projectDir: project }),
    python: pythonHost({
      project,
      cache,
      python,
      requirements,
      env,
      onProgress,
      signal: of.stopping,
    }),
  };
}

function withhold(environment: Environment): Environment {
  return Object.fromEntries(
    Object.entries(environment).filter(([name]) => !WITHHELD.includes(name)),
  );
}
