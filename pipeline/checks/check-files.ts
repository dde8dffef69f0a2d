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

function leavesProject(file: string): boolean {
  const path = normalize(file.replaceAll('\\', '/'));
  return (
    isAbsolute(path) ||
    /^[a-z]:/i.test(path) ||
    path === '..' ||
    path.startsWith('../') ||
    file.includes('\0')
  );
}
