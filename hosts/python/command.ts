import { delimiter, dirname } from 'node:path';
import type { HostCommand } from '../host-process.ts';
import { ensureEnvironment, pythonSpawn, type EnvironmentRequest } from './environment.ts';

export interface PythonHostOptions extends EnvironmentRequest {
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * Says how to start a Python host in the project's environment, which is made first if need be. Hosts
 * that are wanted meanwhile wait for the same one.
 */
export function pythonHost({ env, ...request }: PythonHostOptions): () => Promise<HostCommand> {
  let making: ReturnType<typeof ensureEnvironment> | undefined;

  return async () => {
    making ??= ensureEnvironment(request).finally(() => {
      making = undefined;
    });
    const environment = await making;
    const programs = dirname(environment.python);
    return {
      ...pythonSpawn(environment),
      cwd: request.project,
      // What its packages install as programs is found by blocks, too.
      env: { ...env, PATH: [programs, env['PATH']].filter(Boolean).join(delimiter) },
    };
  };
}
