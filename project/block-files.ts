import { readdirSync } from 'node:fs';
import { join, posix, sep } from 'node:path';
import { leavesProject } from '../pipeline/checks/check-files.ts';
import { fileStamp } from './file-stamp.ts';

/** The paths, relative to the project, of the files that blocks name; a file that is missing has none. */
export function findBlockFiles(dir: string, files: readonly string[]): Map<string, string> {
  const listed = new Set(listBlocks(dir));
  const found = new Map<string, string>();
  for (const file of files) {
    const path = placesOf(file).find(
      (place) => listed.has(place) || fileStamp(join(dir, place)) !== null,
    );
    if (path !== undefined) found.set(file, path);
  }
  return found;
}

/** Below `blocks/`, or else as it is named. */
export function placesOf(file: string): string[] {
  return leavesProject(file) ? [] : [posix.join('blocks', file), posix.normalize(file)];
}

/** One listing is quicker than a look at each file; it passes over what links lead to. */
export function listBlocks(dir: string): string[] {
  try {
    return readdirSync(join(dir, 'blocks'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => `blocks${entry.parentPath.slice(join(dir, 'blocks').length)}/${entry.name}`)
      .map((path) => path.split(sep).join('/'));
  } catch {
    return [];
  }
}
