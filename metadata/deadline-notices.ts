import type { MissedStart } from './expected-starts.ts';
import type { NoticeDetail } from './notice.ts';
import { spanInUnit, thresholdText, type EffectiveThreshold } from './threshold.ts';

interface Text {
  readonly title: string;
  readonly message: string;
  readonly details: readonly NoticeDetail[];
}

interface Named {
  readonly id: number;
  readonly name: string;
}

/** A run that did not end in time; its pipeline's name, how long it has taken, and whether it has ended. */
export interface LateRun {
  readonly executionId: number;
  readonly pipeline: string;
  readonly durationMs: number;
  readonly status: 'running' | 'completed';
  readonly threshold: EffectiveThreshold;
}

const FRESHNESS_TITLE = 'Freshness Check - Pipeline DML';
const TIMELINESS_TITLE = 'Timeliness Check - Pipeline Execution';
const MISSED_START_TITLE = 'Missed Start';

/** The words of Watcher's alert; one that never wrote says so, which Watcher does not notice. */
export function staleText(
  { id, name }: Named,
  lastDml: Date | null,
  threshold: EffectiveThreshold,
): Text {
  const last = lastDml ? `Last DML ${pythonTime(lastDml)}` : 'No DML ever';
  return {
    title: FRESHNESS_TITLE,
    message: 'Pipeline Freshness Check - 1 NEW pipeline(s) overdue',
    details: [
      {
        key: 'Failed Pipelines',
        value: `\n\t• ${name} (ID: ${id}): ${last}, Expected within ${thresholdText(threshold)}`,
      },
    ],
  };
}

export function freshAgainText({ id, name }: Named, lastDml: Date | null): Text {
  const how = lastDml ? `Last DML ${pythonTime(lastDml)}` : 'nothing is expected of it any more';
  return {
    title: FRESHNESS_TITLE,
    message: `Pipeline '${name}' (ID: ${id}) is no longer overdue: ${how}`,
    details: [],
  };
}

/** The words of Watcher's alert, which calls a pipeline's own setting child, and its type's parent. */
export function lateRunText({
  executionId,
  pipeline,
  durationMs,
  status,
  threshold,
}: LateRun): Text {
  const span = spanInUnit(durationMs, threshold.datepart);
  const source = threshold.from === 'pipeline' ? 'child' : 'parent';
  return {
    title: TIMELINESS_TITLE,
    message: 'Pipeline Execution Timeliness Check - 1 new execution(s) overdue',
    details: [
      {
        key: 'Failed Executions',
        value:
          `\n\t• Pipeline '${pipeline}' (Execution ID: ${executionId}): ${span} (${status}), ` +
          `Expected within ${thresholdText(threshold)} (${source} config)`,
      },
    ],
  };
}

export function lateRunOverText(executionId: number, pipeline: string, by: number | null): Text {
  const how =
    by === null
      ? 'is no longer watched'
      : by === executionId
        ? 'has ended successfully'
        : `was followed by a success (Execution ID: ${by})`;
  return {
    title: TIMELINESS_TITLE,
    message: `Pipeline '${pipeline}' (Execution ID: ${executionId}) ${how}`,
    details: [],
  };
}

export function failingText({ id, name }: Named, executionId: number | null): Text {
  return {
    title: TIMELINESS_TITLE,
    message: `Pipeline '${name}' (ID: ${id}) failed, and no run has succeeded in time since`,
    details: executionId === null ? [] : [{ key: 'Execution ID', value: String(executionId) }],
  };
}

export function missedStartText({ id, name }: Named, { by, at }: MissedStart): Text {
  return {
    title: MISSED_START_TITLE,
    message: `Pipeline '${name}' (ID: ${id}) did not start at ${pythonTime(at)}`,
    details: [{ key: 'Expected by', value: by }],
  };
}

/** It may be late for other reasons still. */
export function owedNoMoreText({ id, name }: Named, what: 'start' | 'success'): Text {
  return {
    title: what === 'start' ? MISSED_START_TITLE : TIMELINESS_TITLE,
    message: `A ${what} of pipeline '${name}' (ID: ${id}) is no longer overdue`,
    details: [],
  };
}

/** As Python prints a datetime in UTC: without a fraction when there is none. */
function pythonTime(time: Date): string {
  const text = time.toISOString().replace('T', ' ');
  return text.replace('.000Z', '').replace('Z', '000') + '+00:00';
}
