import { isAbsolute, normalize } from 'node:path/posix';
import { blocksOf, type Check } from '../check.ts';
import { languageOf } from '../language.ts';

/** Every block's file exists, inside the project. */
export const checkFiles: Check = (draft, { hasBlockFile }) =>
  blocksOf(draft).flatMap(([name, block]) => {
    if (block.kind === 'pipeline' || block.file === undefined) return [];
    const { file } = block;
    const path = ['blocks', name, 'file'];
    if (leavesProject(file)) {
      const message = `"${file}" must be a path below blocks/, such as load/orders.sql`;
      return [{ path, code: 'file.outside', message }];
    }
    if (!languageOf(file) || hasBlockFile(file)) return [];
    const message = `there is no file blocks/${file}: create it, or correct the path`;
    return [{ path, code: 'file.missing', message }];
  });

/** Whether a path, as a block names it, can lead out of the project or is no path at all. */
export function leavesProject(file: string): boolean {
  const path = normalize(file.replaceAll('\\', '/'));
  const climbs = path === '..' || path.startsWith('../');
  return climbs || isAbsolute(path) || /^[a-z]:/i.test(path) || file.includes('\0');
}
