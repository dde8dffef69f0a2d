import { existsSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { typescript } from '../support/project.ts';
import { until } from '../support/until.ts';

/** A block that tells that it has begun, and ends when it is let go; both by files in `params.folder`. */
export const GATE = typescript(`
  const at = (what) => String(params.folder) + '/' + String(params.name) + '.' + what;
  writeFileSync(at('begun'), String(run.id));
  while (!existsSync(at('go'))) await sleep(20, undefined, { signal });
  return String(params.name);`);

export const GATE_PARAMS = 'params: { folder: { type: string }, name: { type: string } }\n';

export interface Gates {
  readonly folder: string;
  begun(name: string): Promise<unknown>;
  hasBegun(name: string): boolean;
  letGo(...names: readonly string[]): Promise<void>;
}

export async function createGates(): Promise<Gates> {
  const folder = await mkdtemp(join(tmpdir(), 'gates-'));
  const hasBegun = (name: string) => existsSync(join(folder, `${name}.begun`));
  return {
    folder,
    hasBegun,
    begun: (name) => until(() => hasBegun(name)),
    async letGo(...names) {
      for (const name of names) await writeFile(join(folder, `${name}.go`), '');
    },
  };
}
