import { setTimeout as wait } from 'node:timers/promises';
import { isAway } from '../db/away.ts';
import {
  saveArtifacts,
  saveBlockRuns,
  type ArtifactRow,
  type BlockRunRow,
} from '../db/runs/block-runs.ts';
import type { Db } from '../db/database.ts';
import { saveLogLines, type LogLineRow } from '../db/runs/log-lines.ts';
import type { Logger } from '../runtime/log.ts';
import { createBacklog, split, type Batch } from './backlog.ts';

/** Rows that come this close together are written together: a short block's start with its end. */
const LINGER_MS = 20;
/** How long it waits for more after it has written: a fan-out's blocks come all the time. */
const PACE_MS = 50;
const MIN_BACKOFF_MS = 100;
const MAX_BACKOFF_MS = 3_000;

/** What happened to blocks, on its way to Postgres: written behind the work, in batches, in order. */
export interface Mirror {
  blockRun(row: BlockRunRow): void;
  artifact(row: ArtifactRow): void;
  logLine(row: LogLineRow): void;
  /** Settles when everything said before is written; rejects when the signal aborts first. */
  flush(signal: AbortSignal): Promise<void>;
  /** Writes what is left, for at most `ms`. */
  close(ms: number): Promise<void>;
}

export function createMirror(db: Db, log: Logger): Mirror {
  const backlog = createBacklog();
  const stop = new AbortController();
  let writing = false;
  let hurry: (() => void) | undefined;

  const mirror: Mirror = {
    blockRun(row) {
      backlog.addBlockRun(row);
      start();
    },
    artifact(row) {
      backlog.addArtifact(row);
      start();
    },
    logLine(row) {
      backlog.addLine(row);
      start();
    },
    flush,
    async close(ms) {
      await flush(AbortSignal.timeout(ms)).catch((error: unknown) => {
        log.error({ err: error, rows: backlog.size }, 'mirror closed before all was written');
      });
      stop.abort();
    },
  };
  return mirror;

  function flush(signal: AbortSignal): Promise<void> {
    const written = backlog.written(signal);
    hurry?.();
    return written;
  }

  function start(): void {
    if (writing) return;
    writing = true;
    void drain().finally(() => {
      writing = false;
    });
  }

  async function drain(): Promise<void> {
    await linger(LINGER_MS);
    while (backlog.size > 0 && !stop.signal.aborted) {
      const batch = backlog.take();
      await untilWritten(batch);
      backlog.confirm();
      await linger(PACE_MS);
    }
  }

  /** Not for whoever waits for the rows, nor once there are more than go together. */
  function linger(ms: number): Promise<void> {
    if (backlog.isAwaited || backlog.isFull) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      hurry = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** A row that the database refuses is logged and left out: it would be refused for ever. */
  async function untilWritten(batch: Batch): Promise<void> {
    const error = await tryUntilTaken(batch);
    if (error === undefined) return;
    const parts = split(batch);
    if (!parts) log.error({ err: error, ...keyOf(batch) }, 'row left out of the mirror');
    for (const part of parts ?? []) await untilWritten(part);
  }

  /** Answers why the database refuses it. */
  async function tryUntilTaken(batch: Batch): Promise<unknown> {
    for (let backoff = MIN_BACKOFF_MS; !stop.signal.aborted; backoff *= 2) {
      try {
        await write(db, batch);
        return undefined;
      } catch (error) {
        if (!isAway(error)) return error;
        log.warn({ err: error }, 'mirror write failed');
        const pause = Math.min(backoff, MAX_BACKOFF_MS);
        await wait(pause, undefined, { signal: stop.signal }).catch(() => undefined);
      }
    }
    return undefined;
  }
}

function keyOf({ blockRuns, artifacts, lines }: Batch) {
  const [row] = [...blockRuns, ...artifacts, ...lines];
  return row && { execution: row.execution_id, block: row.block, attempt: row.attempt };
}

async function write(db: Db, { blockRuns, artifacts, lines }: Batch): Promise<void> {
  await saveBlockRuns(db, blockRuns);
  await saveArtifacts(db, artifacts);
  await saveLogLines(db, lines);
}
