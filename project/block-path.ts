import { join, posix } from 'node:path';
import { fileStamp } from './file-stamp.ts';

/** The path of a block's file relative to the project: below `blocks/`, or else as it is named. */
export function blockPath(dir: string, file: string): string | undefined {
  const places = [posix.join('blocks', file), posix.normalize(file)];
  return places.find((place) => !place.startsWith('../') && fileStamp(join(dir, place)) !== null);
}
