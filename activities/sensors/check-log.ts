import { SENSOR_ATTEMPT, type BlockTask } from '../../workflows/activities.ts';
import type { AttemptRecord } from '../attempt-record.ts';
import type { Mirror } from '../mirror.ts';

/** What one check may log; later ones follow after it. */
const LINES = 1_000;

/** Keeps what the code of one check logs. */
export function openCheckLog(
  mirror: Mirror,
  { run, block }: BlockTask,
  check: number,
): AttemptRecord['log'] {
  let lines = 0;
  return (level, message, fields) => {
    lines += 1;
    if (lines > LINES) return;
    mirror.logLine({
      ...{ execution_id: run.executionId, block, attempt: SENSOR_ATTEMPT },
      ...{ seq: (check - 1) * LINES + lines, level, message },
      ...{ logged_at: new Date().toISOString(), ...(fields && { fields }) },
    });
  };
}
