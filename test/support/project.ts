import { mkdtemp, mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** The settings of a project that says nothing else: with a warehouse. */
export const SETTINGS = `name: test
connections:
  warehouse: { type: postgres, url: '\${{ env.WAREHOUSE_URL }}' }
`;

/** Writes a project into a new folder; `files` are paths below it and their texts. */
export async function createProject(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'highwater-project-'));
  await writeFiles(folder, { 'highwater.yaml': SETTINGS, ...files });
  return folder;
}

export async function writeFiles(
  folder: string,
  files: Readonly<Record<string, string>>,
): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
}

/** A TypeScript block whose function has this body; Node's `fs` and `timers/promises` are at hand. */
export function typescript(body: string): string {
  return `import { block } from 'highwater';
import { existsSync, readFileSync, writeFileSync, appendFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

export default block(async ({ inputs, params, watermark, run, log, signal }) => {
  ${body}
});
`;
}
