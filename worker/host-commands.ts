import type { HostCommand } from '../hosts/host-process.ts';
import type { HostPoolOptions } from '../hosts/pool.ts';
import { ensureEnvironment, pythonSpawn } from '../hosts/python/environment.ts';
import type { Config } from '../runtime/config.ts';
import type { Logger } from '../runtime/log.ts';
import { nodeArguments } from '../runtime/paths.ts';

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
  let python: Promise<HostCommand> | undefined;
  return {
    typescript: () => ({
      command: process.execPath,
      args: nodeArguments('hosts/node/main'),
      env,
      cwd: config.project,
    }),
    python: () => {
      python ??= pythonCommand(config, env, log).catch((error: unknown) => {
        python = undefined;
        throw error;
      });
      return python;
    },
  };
}

async function pythonCommand(config: Config, env: Environment, log: Logger): Promise<HostCommand> {
  const { project, cache, python } = config;
  const made = await ensureEnvironment({
    project,
    cache,
    python,
    onProgress: (line) => {
      log.info({ line }, 'python environment');
    },
  });
  return { ...pythonSpawn(made), env, cwd: project };
}

function withhold(environment: Environment): Environment {
  return Object.fromEntries(
    Object.entries(environment).filter(([name]) => !WITHHELD.includes(name)),
  );
}
