import { setTimeout as wait } from 'node:timers/promises';
import { isAway } from '../db/away.ts';
import {
  saveArtifacts,
  saveBlockRuns,
  type ArtifactRow,
  type BlockRunRow,
} from '../db/block-runs.ts';
import type { Db } from '../db/database.ts';
import { saveLogLines, type LogLineRow } from '../db/log-lines.ts';
import type { Logger } from '../runtime/log.ts';
import { createBacklog, type Batch } from './backlog.ts';

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
    flush: (signal) => backlog.written(signal),
    async close(ms) {
      await backlog.written(AbortSignal.timeout(ms)).catch((error: unknown) => {
        log.error({ err: error, rows: backlog.size }, 'mirror closed before all was written');
      });
      stop.abort();
    },
  };
  return mirror;

  function start(): void {
    if (writing) return;
    writing = true;
    void drain().finally(() => {
      writing = false;
    });
  }

  /** A turn of the event loop first, so that rows which come together are written together. */
  async function drain(): Promise<void> {
    await new Promise(setImmediate);
    while (backlog.size > 0 && !stop.signal.aborted) {
      const batch = backlog.take();
      await untilWritten(batch);
      backlog.confirm();
    }
  }

  /** A batch that the database refuses is logged and left out: it would be refused for ever. */
  async function untilWritten(batch: Batch): Promise<void> {
    for (let backoff = MIN_BACKOFF_MS; !stop.signal.aborted; backoff *= 2) {
      try {
        await write(db, batch);
        return;
      } catch (error) {
        const away = isAway(error);
        log[away ? 'warn' : 'error']({ err: error }, 'mirror write failed');
        if (!away) return;
        const pause = Math.min(backoff, MAX_BACKOFF_MS);
        await wait(pause, undefined, { signal: stop.signal }).catch(() => undefined);
      }
    }
  }
}

async function write(db: Db, { blockRuns, artifacts, lines }: Batch): Promise<void> {
  await saveBlockRuns(db, blockRuns);
  await saveArtifacts(db, artifacts);
  await saveLogLines(db, lines);
}
