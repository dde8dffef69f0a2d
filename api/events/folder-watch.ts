import type { Db } from '../../db/database.ts';
import { forgetFiles, listSeen, noteSeen } from '../../db/events/seen-files.ts';
import type { NewEvent } from '../../db/events/store-events.ts';
import type { ReceiveEvents } from './receive-events.ts';
import { scanFolder, type FoundFile } from './scan-folder.ts';

export interface FolderWatchDeps {
  readonly db: Db;
  readonly project: string;
  readonly receiveEvents: ReceiveEvents;
}

/**
 * Tells of files that fit a pattern, each once: as soon as it looks the same twice in a row, so that one which
 * is still being written is left alone. One that changes is told of again.
 */
export class FolderWatch {
  private readonly deps: FolderWatchDeps;
  private readonly source: string;
  private readonly pattern: string;
  private seen: Map<string, string> | undefined;
  private before = new Map<string, string>();

  constructor(deps: FolderWatchDeps, source: string, pattern: string) {
    this.deps = deps;
    this.source = source;
    this.pattern = pattern;
  }

  /** Looks once. Fails when the folder can't be read; then nothing has changed. */
  async look(): Promise<void> {
    const { db, project, receiveEvents } = this.deps;
    const files = await scanFolder(project, this.pattern);
    const seen = (this.seen ??= await listSeen(db, this.source));
    const now = new Map(files.map((file) => [file.path, stampOf(file)]));
    const arrived = files.filter(
      ({ path }) => now.get(path) === this.before.get(path) && now.get(path) !== seen.get(path),
    );
    this.before = now;
    if (arrived.length > 0) {
      await receiveEvents(arrived.map((file) => this.toEvent(file)));
      const stamps = arrived.map((file) => ({ path: file.path, stamp: stampOf(file) }));
      await noteSeen(db, this.source, stamps);
      for (const { path, stamp } of stamps) seen.set(path, stamp);
    }
    const gone = [...seen.keys()].filter((path) => !now.has(path));
    if (gone.length === 0) return;
    await forgetFiles(db, this.source, gone);
    for (const path of gone) seen.delete(path);
  }

  private toEvent(file: FoundFile): NewEvent {
    const { source } = this;
    const id = `${stampOf(file)}:${file.path}`.slice(0, 255);
    const type = 'highwater.file.arrived';
    const time = new Date(file.modifiedMs).toISOString();
    const data = { path: file.path, size: file.size, modified_at: time };
    const body = { specversion: '1.0', id, source, type, subject: file.path, time, data };
    return { source, eventId: id, type, body };
  }
}

function stampOf({ size, modifiedMs }: FoundFile): string {
  return `${size}-${Math.round(modifiedMs)}`;
}
