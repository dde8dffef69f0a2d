import { ensureEnvironment } from '../hosts/python/environment.ts';
import { readSettings } from '../project/read-settings.ts';
import { usesPython } from '../project/uses-python.ts';
import type { Config } from '../runtime/config.ts';
import { messageOf } from '../runtime/fault.ts';

interface Preparation {
  readonly config: Config;
  /** Takes a line for the person who watches. */
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Makes the environment of a project's Python blocks while its person watches, so that no block has to
 * wait for it. Without one the other blocks run all the same.
 */
export async function preparePython({ config, say, signal }: Preparation): Promise<void> {
  const { project, cache, python } = config;
  if (!usesPython(project)) return;
  const began = Date.now();
  let lines = 0;
  const onProgress = (line: string): void => {
    lines += 1;
    say(`python: ${line}`);
  };
  try {
    const requirements = readSettings(project).python?.requirements;
    await ensureEnvironment({ project, requirements, cache, python, onProgress, signal });
  } catch (error) {
    if (!signal.aborted) say(`Python blocks can't run yet: ${messageOf(error)}`);
    return;
  }
  if (lines > 0) say(`python is ready (${((Date.now() - began) / 1000).toFixed(1)} s)`);
}
