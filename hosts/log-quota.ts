import type { OnLog } from './print-log.ts';

const LINES = 10_000;
const BYTES = 4 * 1024 * 1024;

/** Passes on what one attempt may log; `end` says how much more there was. */
export function limitLog(onLog: OnLog): { readonly log: OnLog; readonly end: () => void } {
  let lines = 0;
  let bytes = 0;
  let dropped = 0;
  return {
    log(level, message, fields) {
      const size = Buffer.byteLength(message) + (fields ? JSON.stringify(fields).length : 0);
      if (lines >= LINES || bytes + size > BYTES) {
        dropped += 1;
        return;
      }
      lines += 1;
      bytes += size;
      onLog(level, message, fields);
    },
    end() {
      if (dropped === 0) return;
      const kept = `an attempt may log ${LINES} lines or ${BYTES / 1024 / 1024} MiB`;
      onLog('warn', `${dropped} more log lines were dropped: ${kept}`);
      dropped = 0;
    },
  };
}
