import { delimiter, dirname } from 'node:path';
import type { StartWith } from '../crew.ts';
import {
  ensureEnvironment,
  pythonSpawn,
  type EnvironmentRequest,
  type PythonEnvironment,
} from './environment.ts';
import { requirementFiles, requirementTexts } from './requirements.ts';

export interface PythonHostOptions extends EnvironmentRequest {
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * Says how to start a Python host in the project's environment, which is made first if need be. Hosts
 * that are wanted meanwhile wait for the same one, and are told how it goes. Hosts of before a change of
 * requirements give way.
 */
export function pythonHost({ env, ...request }: PythonHostOptions): StartWith {
  const waiting = new Set<(line: string) => void>();
  const onProgress = (line: string): void => {
    request.onProgress?.(line);
    for (const tell of waiting) tell(`Python environment: ${line}`);
  };
  let making: { asked: string; environment: Promise<PythonEnvironment> } | undefined;

  const requirements = (): string =>
    requirementTexts(requirementFiles(request.project, request.requirements)).join('\0');

  return async (tell) => {
    const asked = requirements();
    waiting.add(tell);
    if (making?.asked !== asked) {
      making = { asked, environment: ensureEnvironment({ ...request, onProgress }) };
    }
    const mine = making;
    const environment = await mine.environment.finally(() => {
      waiting.delete(tell);
      if (making === mine) making = undefined;
    });
    const programs = dirname(environment.python);
    return {
      ...pythonSpawn(environment),
      cwd: request.project,
      isCurrent: () => requirements() === asked,
      // What its packages install as programs is found by blocks, too.
      env: { ...env, PATH: [programs, env['PATH']].filter(Boolean).join(delimiter) },
    };
  };
}
