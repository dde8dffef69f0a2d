import { setTimeout as delay } from 'node:timers/promises';
import { isAway } from '../../db/away.ts';
import { checkQueued } from '../../db/anomalies/check-runs.ts';
import { openDb, type Db } from '../../db/database.ts';
import type { Logger } from '../../runtime/log.ts';

/** The larger a batch, the more of its runs share a baseline: a queue that grows is drained faster. */
const BATCH = 2_000;
/** Runs that end meanwhile are checked together, for little more than one of them would cost. */
const GATHER_MS = 500;
const QUERY_MS = 30_000;
/** A run that can't be checked must not hold up those behind it. */
const REFUSED_MS = 60_000;

export interface CheckerDeps {
  readonly databaseUrl: string;
  readonly log: Logger;
}

/** Checks runs that have ended for anomalies, whichever of several processes does it. */
export class Checker {
  private readonly deps: CheckerDeps;
  private readonly stopping = new AbortController();
  /** A connection of its own: a long check must keep no request waiting. */
  private db: Db | undefined;
  private draining: Promise<void> | undefined;
  private atMost = BATCH;
  private claimed: readonly number[] = [];
  private readonly refused = new Map<number, number>();

  constructor(deps: CheckerDeps) {
    this.deps = deps;
  }

  start(): void {
    const { databaseUrl, log } = this.deps;
    this.db = openDb(databaseUrl, log, 1, QUERY_MS);
    this.draining = this.drain(this.db);
  }

  /** Ends after the batch at hand. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.draining;
    await this.db?.destroy();
  }

  private async drain(db: Db): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      const isFull = await this.checkBatch(db);
      if (!isFull) await delay(GATHER_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Whether there may be more. */
  private async checkBatch(db: Db): Promise<boolean> {
    const atMost = this.atMost;
    this.claimed = [];
    try {
      const onClaim = (ids: readonly number[]) => {
        this.claimed = ids;
      };
      const checked = await checkQueued(db, { atMost, except: this.waiting(), onClaim });
      this.atMost = Math.min(BATCH, atMost * 2);
      return checked === atMost;
    } catch (error) {
      this.narrow(error);
      return false;
    }
  }

  /** A smaller batch may succeed where this one took too long; the smallest shows which run it is. */
  private narrow(err: unknown): void {
    const [only, ...others] = this.claimed;
    this.atMost = Math.max(1, Math.ceil(this.claimed.length / 2));
    if (isAway(err)) return;
    this.deps.log.error({ err, runs: this.claimed.length, run: only }, 'runs not checked');
    if (only !== undefined && others.length === 0) this.refused.set(only, Date.now() + REFUSED_MS);
  }

  private waiting(): number[] {
    for (const [id, until] of this.refused) if (until < Date.now()) this.refused.delete(id);
    return [...this.refused.keys()];
  }
}
