import { messageOf } from '../../runtime/fault.ts';
import type { WatchedPlace } from '../../triggers/event-rule.ts';
import { connectionOf, openWatch, type WatchDeps } from './open-watch.ts';
import type { Watch } from './watch.ts';

interface Kept {
  readonly watch: Watch;
  /** The connection that it was opened with. */
  readonly connection: string;
  looking: Promise<void> | undefined;
  nextMs: number;
}

/** Keeps a watch on each place that is wanted; a slow one holds up none of the others. */
export class Watches {
  private readonly deps: WatchDeps;
  private readonly kept = new Map<string, Kept>();
  private readonly troubles = new Map<string, string>();

  constructor(deps: WatchDeps) {
    this.deps = deps;
  }

  /** Lets those look whose time has come. By the names of their sources. */
  async look(wanted: ReadonlyMap<string, WatchedPlace>): Promise<void> {
    for (const source of this.kept.keys()) if (!wanted.has(source)) await this.end(source);
    for (const [source, place] of wanted) {
      try {
        this.begin(source, await this.keep(source, place));
      } catch (error) {
        this.note(source, error);
      }
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.kept.keys()].map((source) => this.end(source)));
  }

  /** Opens it again when its connection has changed. */
  private async keep(source: string, place: WatchedPlace): Promise<Kept> {
    const settings = connectionOf(this.deps, place);
    const connection = JSON.stringify([settings, place]);
    const known = this.kept.get(source);
    if (known?.connection === connection) return known;
    if (known) await this.end(source);
    const watch = await openWatch(this.deps, place, settings);
    const kept = { watch, connection, looking: undefined, nextMs: 0 };
    this.kept.set(source, kept);
    return kept;
  }

  private begin(source: string, kept: Kept): void {
    if (kept.looking || performance.now() < kept.nextMs) return;
    kept.nextMs = performance.now() + kept.watch.everyMs;
    const look = async () => {
      try {
        await kept.watch.look();
        this.troubles.delete(source);
      } catch (error) {
        if (this.kept.get(source) === kept) this.note(source, error);
      } finally {
        kept.looking = undefined;
      }
    };
    kept.looking = look();
  }

  private async end(source: string): Promise<void> {
    const kept = this.kept.get(source);
    this.kept.delete(source);
    await kept?.watch.close();
    await kept?.looking;
  }

  /** What can't be watched is said once, and tried again. */
  private note(source: string, error: unknown): void {
    const reason = messageOf(error);
    if (this.troubles.get(source) === reason) return;
    this.troubles.set(source, reason);
    this.deps.log.warn({ err: error, source }, `source can not be watched: ${reason}`);
  }
}
