import { closeSync, fstatSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

const FULL_BYTES = 10 * 1024 * 1024;

/** Appends lines to a file; a full one is moved to `<file>.1`, over the one before it. */
export function openLineLog(file: string): (line: string) => void {
  mkdirSync(dirname(file), { recursive: true });
  let handle = openSync(file, 'a');
  let bytes = fstatSync(handle).size;
  return (line) => {
    if (bytes > FULL_BYTES) {
      closeSync(handle);
      renameSync(file, `${file}.1`);
      handle = openSync(file, 'a');
      bytes = 0;
    }
    bytes += writeSync(handle, `${line}\n`);
  };
}
