import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileStamp } from './file-stamp.ts';

/** Parses files of a project, and again only when they have changed. */
export interface FileCache<T> {
  /** The same value as before for a file that did not change; undefined when there is no such file. */
  get(file: string): T | undefined;
}

export function createFileCache<T>(
  dir: string,
  parse: (file: string, bytes: Uint8Array | Error) => T,
): FileCache<T> {
  const kept = new Map<string, { stamp: string; value: T }>();
  return {
    get(file) {
      const path = join(dir, file);
      const stamp = fileStamp(path);
      const known = kept.get(file);
      if (stamp === null) {
        kept.delete(file);
        return undefined;
      }
      if (known?.stamp === stamp) return known.value;
      const value = parse(file, read(path));
      kept.set(file, { stamp, value });
      return value;
    },
  };
}

function read(path: string): Uint8Array | Error {
  try {
    return readFileSync(path);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
