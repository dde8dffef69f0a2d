import { listSeen } from '../../db/events/seen-files.ts';
import { noteArrivals, type Arrival, type ArrivalDeps } from './arrivals.ts';
import { scanFolder, type FoundFile } from './scan-folder.ts';
import type { Watch } from './watch.ts';

export interface FolderPlace {
  readonly project: string;
  readonly pattern: string;
  /** The name of the events' source. */
  readonly source: string;
}

/**
 * Tells of files that fit a pattern, each once: as soon as it looks the same twice in a row, so that one which
 * is still being written is left alone. One that changes is told of again.
 */
export class FolderWatch implements Watch {
  readonly everyMs = 0;
  private readonly deps: ArrivalDeps;
  private readonly place: FolderPlace;
  private seen: Map<string, string> | undefined;
  private before = new Map<string, string>();

  constructor(deps: ArrivalDeps, place: FolderPlace) {
    this.deps = deps;
    this.place = place;
  }

  /** Fails when the folder can't be read; then nothing has changed. */
  async look(): Promise<void> {
    const { project, pattern, source } = this.place;
    const files = await scanFolder(project, pattern);
    const seen = (this.seen ??= await listSeen(this.deps.db, source));
    const now = new Map(files.map((file) => [file.path, stampOf(file)]));
    const arrived = files.map(toArrival).filter(({ path, stamp }) => {
      return stamp === this.before.get(path) && stamp !== seen.get(path);
    });
    const gone = [...seen.keys()].filter((path) => !now.has(path));
    this.before = now;
    await noteArrivals(this.deps, source, { arrived, gone });
    for (const { path, stamp } of arrived) seen.set(path, stamp);
    for (const path of gone) seen.delete(path);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

function toArrival(file: FoundFile): Arrival {
  const { path, size, modifiedMs } = file;
  const type = 'highwater.file.arrived';
  return { path, stamp: stampOf(file), type, modifiedMs, data: { path, size } };
}

function stampOf({ size, modifiedMs }: FoundFile): string {
  return `${size}-${Math.round(modifiedMs)}`;
}
