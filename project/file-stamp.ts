import { statSync, type BigIntStats } from 'node:fs';

/** Changes whenever the file does; null when there is no such file. */
export function fileStamp(path: string): string | null {
  const stat = look(path);
  return stat?.isFile() ? textOf(stat) : null;
}

/** Changes whenever one of the files does, or what there is in one of the folders. */
export function stampsOf(paths: readonly string[]): string {
  return paths.map(look).map(textOf).join();
}

function look(path: string): BigIntStats | undefined {
  return statSync(path, { bigint: true, throwIfNoEntry: false });
}

function textOf(stat: BigIntStats | undefined): string {
  return stat ? `${stat.mtimeNs}:${stat.size}:${stat.ino}` : '';
}
