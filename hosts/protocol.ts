import type { FileFormat, WriteMode } from '../plan/plan.ts';
import type { Json, JsonObject } from '../runtime/json.ts';
import type { Delivered, Watermark } from '../workflows/activities.ts';

/**
 * The language between a worker and a host: one JSON object a line, requests on file descriptor 3,
 * answers on 4, in UTF-8. Stdout and stderr belong to the block: each line becomes a log line.
 *
 * A host says `ready` once, then takes one request at a time and answers it with any number of `log`
 * and `progress`, and one `result` or `error`. Before that last answer it flushes what the block
 * printed, and writes `endOfOutput(id)` and a line feed to both stdout and stderr, so that the worker
 * knows it has read every print; or it says `quiet`, and writes neither. SIGTERM cancels the block; a host that is idle exits on it.
 * When descriptor 3 closes, the host exits. It takes along what it started, even what left its process group:
 * that inherits `HIGHWATER_HOST_MARK` from the environment, by which the worker finds it too.
 */
export interface HostRequest {
  readonly id: number;
  readonly work: HostWork;
  readonly inputs: readonly HostInput[];
  readonly params: JsonObject;
  readonly watermark: string | null;
  readonly run: HostRun;
  readonly output: HostOutput;
  /** Absolute; relative paths of the block are relative to it. */
  readonly projectDir: string;
}

export type HostWork =
  /** `folder/entry` is the block's file; `folder` holds the local files that it imports. */
  | { readonly type: 'code'; readonly folder: string; readonly entry: string }
  | {
      readonly type: 'sql';
      readonly text: string;
      readonly file: string;
      readonly connection: HostConnection | null;
      /** Whether what it writes to tables of the connection is counted. */
      readonly counted?: boolean;
    }
  /** The answer is one value: the first one of the first row. */
  | {
      readonly type: 'ask';
      readonly text: string;
      readonly file: string;
      readonly connection: HostConnection | null;
    }
  | { readonly type: 'read_file'; readonly file: string; readonly format: FileFormat }
  | { readonly type: 'read_table'; readonly connection: HostConnection; readonly query: string }
  | { readonly type: 'write_file'; readonly file: string; readonly format: FileFormat }
  | {
      readonly type: 'write_table';
      readonly connection: HostConnection;
      readonly table: string;
      readonly mode: WriteMode;
      readonly keys: readonly string[];
      readonly softDelete?: string;
    };

export interface HostConnection {
  readonly name: string;
  readonly type: 'postgres';
  readonly url: string;
}

/** Either a file on this machine or a JSON value. */
export type HostInput =
  | { readonly alias: string; readonly path: string; readonly format: 'parquet' | 'json' }
  | { readonly alias: string; readonly value: Json };

export interface HostRun {
  readonly id: number;
  /** Unique over all installations: the key of the delivery ledger. */
  readonly key: string;
  readonly pipeline: string;
  readonly block: string;
  readonly attempt: number;
  /** ISO 8601, as the two below: the time that the run stands for, and the bounds of its data. */
  readonly scheduledAt: string | null;
  readonly intervalStart: string | null;
  readonly intervalEnd: string | null;
}

export interface HostOutput {
  /** Of this attempt alone. The host makes it when it first writes: `data.parquet` or `data.json`. */
  readonly folder: string;
  /** JSON values up to this many bytes are answered inline. */
  readonly inlineBytes: number;
  /** The column whose greatest value is the next watermark, for the watermark's block. */
  readonly watermarkColumn: string | null;
}

export type HostAnswer =
  | { readonly type: 'ready'; readonly pid: number }
  | {
      readonly type: 'log';
      readonly id: number;
      readonly level: LogLevel;
      readonly message: string;
      readonly fields?: JsonObject;
    }
  | { readonly type: 'progress'; readonly id: number; readonly rows: number }
  | (HostEnd & { readonly type: 'result'; readonly result: HostResult })
  | (HostEnd & { readonly type: 'error'; readonly error: HostError });

interface HostEnd {
  readonly id: number;
  readonly usage: HostUsage;
  /** The block left processes, timers or open handles behind: this host takes no other request. */
  readonly spent?: boolean;
  /** The block printed nothing. */
  readonly quiet?: boolean;
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** Data in a file of the output folder, or a small JSON value, or (exporters) only counts. */
export interface HostResult {
  readonly rows: number | null;
  readonly file?: HostFile;
  readonly value?: Json;
  readonly watermark?: Watermark;
  readonly delivered?: Delivered;
}

export interface HostFile {
  /** `data.parquet` or `data.json`. */
  readonly name: string;
  readonly format: 'parquet' | 'json';
  readonly bytes: number;
  readonly sha256: string;
  /** Column names and DuckDB types; empty for JSON. */
  readonly schema: readonly { readonly name: string; readonly type: string }[];
}

export interface HostError {
  /** A code of the Fault table. */
  readonly code: string;
  readonly message: string;
  readonly stack?: string;
  /** False: a second attempt would fail the same way. */
  readonly retryable: boolean;
}

export interface HostUsage {
  readonly peakMemoryBytes: number;
  readonly cpuMs: number;
}

/** The line that closes a block's output on stdout and stderr. It starts with NUL, which text never does. */
export function endOfOutput(id: number): string {
  return `\0highwater:end:${id}`;
}
