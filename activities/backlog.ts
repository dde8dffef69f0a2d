import type { ArtifactRow, BlockRunRow } from '../db/runs/block-runs.ts';
import type { LogLineRow } from '../db/runs/log-lines.ts';

const BATCH_ROWS = 2_000;
/** While the database is away lines wait here; past this many the oldest give way. */
const MAX_LINES = 200_000;

export interface Batch {
  readonly blockRuns: readonly BlockRunRow[];
  readonly artifacts: readonly ArtifactRow[];
  readonly lines: readonly LogLineRow[];
}

/** A batch of several rows as smaller ones, which are to be written in this order; undefined of a single row. */
export function split({ blockRuns, artifacts, lines }: Batch): readonly Batch[] | undefined {
  const kinds = [
    { ...NOTHING, blockRuns },
    { ...NOTHING, artifacts },
    { ...NOTHING, lines },
  ];
  const filled = kinds.filter((kind) => countRows(kind) > 0);
  if (filled.length > 1) return filled;
  const half = Math.ceil(countRows({ blockRuns, artifacts, lines }) / 2);
  const part = (from: number, to?: number): Batch => ({
    blockRuns: blockRuns.slice(from, to),
    artifacts: artifacts.slice(from, to),
    lines: lines.slice(from, to),
  });
  const rest = part(half);
  return countRows(rest) > 0 ? [part(0, half), rest] : undefined;
}

const NOTHING: Batch = { blockRuns: [], artifacts: [], lines: [] };

function countRows({ blockRuns, artifacts, lines }: Batch): number {
  return blockRuns.length + artifacts.length + lines.length;
}

/** Rows that wait to be written, oldest first. Two rows about one attempt become one. */
export interface Backlog {
  readonly size: number;
  /** Whether a batch of it would leave rows behind. */
  readonly isFull: boolean;
  /** Whether somebody waits for rows of it. */
  readonly isAwaited: boolean;
  addBlockRun(row: BlockRunRow): void;
  addArtifact(row: ArtifactRow): void;
  addLine(row: LogLineRow): void;
  take(): Batch;
  /** The batch taken last is written. */
  confirm(): void;
  /** Settles when every row added so far is written; rejects when the signal aborts first. */
  written(signal: AbortSignal): Promise<void>;
}

export function createBacklog(): Backlog {
  const blockRuns = new Map<string, BlockRunRow>();
  const artifacts: ArtifactRow[] = [];
  const lines: LogLineRow[] = [];
  const waiting = new Set<{ readonly upTo: number; readonly settle: () => void }>();
  let batchesTaken = 0;
  let batchesWritten = 0;

  const size = () => blockRuns.size + artifacts.length + lines.length;
  const backlog: Backlog = {
    get size() {
      return size();
    },
    get isFull() {
      return batchesNeeded() > 1;
    },
    get isAwaited() {
      return waiting.size > 0;
    },
    addBlockRun(row) {
      const key = `${row.execution_id}/${row.block}/${row.attempt}`;
      blockRuns.set(key, { ...blockRuns.get(key), ...row });
    },
    addArtifact(row) {
      artifacts.push(row);
    },
    addLine(row) {
      if (lines.length >= MAX_LINES) lines.shift();
      lines.push(row);
    },
    take() {
      const keys = [...blockRuns.keys()].slice(0, BATCH_ROWS);
      const taken = keys.flatMap((key) => blockRuns.get(key) ?? []);
      for (const key of keys) blockRuns.delete(key);
      batchesTaken += 1;
      return {
        blockRuns: taken,
        artifacts: artifacts.splice(0, BATCH_ROWS),
        lines: lines.splice(0, BATCH_ROWS),
      };
    },
    confirm() {
      batchesWritten += 1;
      for (const waiter of waiting) if (waiter.upTo <= batchesWritten) waiter.settle();
    },
    written(signal) {
      const upTo = batchesTaken + batchesNeeded();
      return upTo <= batchesWritten ? Promise.resolve() : untilConfirmed(upTo, signal);
    },
  };
  return backlog;

  /** Every batch takes from the front of each queue, so the longest queue decides. */
  function batchesNeeded(): number {
    const longest = Math.max(blockRuns.size, artifacts.length, lines.length);
    return Math.ceil(longest / BATCH_ROWS);
  }

  function untilConfirmed(upTo: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiter = {
        upTo,
        settle: () => {
          end();
          resolve();
        },
      };
      const giveUp = () => {
        end();
        reject(signal.reason as Error);
      };
      function end() {
        waiting.delete(waiter);
        signal.removeEventListener('abort', giveUp);
      }
      waiting.add(waiter);
      signal.addEventListener('abort', giveUp, { once: true });
      if (signal.aborted) giveUp();
    });
  }
}
