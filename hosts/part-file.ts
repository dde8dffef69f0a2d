import { createHash } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { HostRequest } from './protocol.ts';

/** Where an attempt writes a file that takes its target's place when it is whole. */
export interface PartFile {
  /** Absolute: beside the target, and of this attempt alone. */
  readonly path: string;
  /** Absolute. */
  readonly target: string;
  /** Removes what earlier attempts left, and with it the chance that one which still writes ends after this one. */
  discardBefore(): Promise<void>;
  /** Removes the part. A second time is harmless. */
  discard(): Promise<void>;
}

/** `file`: relative to the request's project. */
export function partFile(
  { run, projectDir }: Pick<HostRequest, 'run' | 'projectDir'>,
  file: string,
): PartFile {
  const target = resolve(projectDir, file);
  const folder = dirname(target);
  const key = createHash('sha256').update(`${run.key}\0${run.block}`).digest('hex').slice(0, 12);
  const prefix = `.${basename(target)}.${key}.`;
  const path = join(folder, `${prefix}${run.attempt}.part`);
  return {
    path,
    target,
    async discardBefore() {
      const earlier = (await readdir(folder)).filter(
        (name) =>
          name.startsWith(prefix) && Number.parseInt(name.slice(prefix.length), 10) < run.attempt,
      );
      for (const name of earlier) await rm(join(folder, name), { force: true });
    },
    async discard() {
      await rm(path, { force: true });
    },
  };
}
