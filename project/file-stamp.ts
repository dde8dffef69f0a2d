import { statSync } from 'node:fs';

/** Changes whenever the file does; null when there is no such file. */
export function fileStamp(path: string): string | null {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stat?.isFile() ? `${stat.mtimeNs}:${stat.size}:${stat.ino}` : null;
}
