import { watch, type FSWatcher } from 'chokidar';
import { join } from 'node:path';
import { PROJECT_FILE } from '../../project/find-project.ts';
import type { Logger } from '../../runtime/log.ts';

const SETTLE_MS = 100;

/** Calls when files of a project have changed, a moment after the last of them. */
export class ProjectWatch {
  private readonly changed: () => void;
  private readonly watcher: FSWatcher;
  private timer: NodeJS.Timeout | undefined;

  constructor(dir: string, log: Logger, changed: () => void) {
    this.changed = changed;
    const paths = [PROJECT_FILE, 'pipelines', 'blocks'].map((path) => join(dir, path));
    this.watcher = watch(paths, { ignoreInitial: true });
    this.watcher.on('all', () => {
      this.callIn(SETTLE_MS);
    });
    this.watcher.on('error', (error) => {
      log.warn({ err: error }, 'project can not be watched');
    });
  }

  /** Calls once more, though nothing may have changed; in the place of a call that is still to come. */
  callIn(ms: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(this.changed, ms);
  }

  async stop(): Promise<void> {
    clearTimeout(this.timer);
    await this.watcher.close();
  }
}
