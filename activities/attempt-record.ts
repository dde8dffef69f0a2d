import type { HostFile, HostUsage, LogLevel } from '../hosts/protocol.ts';
import type { BlockState } from '../plan/run-state.ts';
import type { JsonObject } from '../runtime/json.ts';
import type { BlockOutput, RunError } from '../workflows/activities.ts';
import type { Mirror } from './mirror.ts';

const ARTIFACT_MS = 1_000;

export interface AttemptKey {
  readonly execution_id: number;
  readonly block: string;
  /** From 1. */
  readonly attempt: number;
}

/** One attempt as the mirror shows it: running from the moment the record is opened. */
export interface AttemptRecord {
  readonly log: (level: LogLevel, message: string, fields?: JsonObject) => void;
  /** Memory and processor time, as soon as they are known. */
  readonly used: (usage: HostUsage) => void;
  /** Settles once an artifact's row is written, or when the database has kept it waiting for a second. */
  succeeded(output: BlockOutput, file: HostFile | undefined): Promise<void>;
  ended(state: BlockState, error?: RunError): void;
}

export function openRecord(mirror: Mirror, key: AttemptKey, worker: string): AttemptRecord {
  const started_at = new Date().toISOString();
  let lines = 0;
  let usage: HostUsage | undefined;
  mirror.blockRun({ ...key, state: 'running', started_at, worker });

  return {
    log(level, message, fields) {
      lines += 1;
      const logged_at = new Date().toISOString();
      mirror.logLine({ ...key, seq: lines, level, message, logged_at, ...(fields && { fields }) });
    },

    used(known) {
      usage = known;
    },

    async succeeded({ rows, value, artifact }, file) {
      mirror.blockRun({
        ...ended('succeeded'),
        rows,
        ...(value !== undefined && { value }),
      });
      if (artifact && file) {
        mirror.artifact({
          ...key,
          ...artifact,
          schema: file.schema.map((column) => ({ ...column })),
        });
        // Were the worker killed before it is written, the file would be nobody's once Temporal knows of it.
        await mirror.flush(AbortSignal.timeout(ARTIFACT_MS)).catch(() => undefined);
      }
    },

    ended(state, error) {
      mirror.blockRun({ ...ended(state), ...(error && { error }) });
    },
  };

  function ended(state: BlockState) {
    return {
      ...key,
      state,
      started_at,
      worker,
      finished_at: new Date().toISOString(),
      ...(usage && { peak_memory_bytes: usage.peakMemoryBytes, cpu_ms: usage.cpuMs }),
    };
  }
}
