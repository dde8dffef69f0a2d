import type { HostPoolOptions } from '../hosts/pool.ts';
import { nodeHost } from '../hosts/node/command.ts';
import { pythonHost } from '../hosts/python/command.ts';
import type { Config } from '../runtime/config.ts';
import type { Logger } from '../runtime/log.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Blocks see the worker's environment without the ways into Highwater's own servers. */
const WITHHELD = ['DATABASE_URL', 'TEMPORAL_API_KEY', 'TEMPORAL_ADDRESS'];

/** How the hosts of each language are started. Python's environment is made when first asked for. */
export function hostCommands(
  config: Config,
  environment: Environment,
  log: Logger,
): HostPoolOptions['commands'] {
  const env = withhold(environment);
  const { project, cache, python } = config;
  const onProgress = (line: string): void => {
    log.info({ line }, 'python environment');
  };
  return {
    typescript: () => nodeHost({ env, projectDir: project }),
    python: pythonHost({ project, cache, python, env, onProgress }),
  };
}

function withhold(environment: Environment): Environment {
  return Object.fromEntries(
    Object.entries(environment).filter(([name]) => !WITHHELD.includes(name)),
  );
}
