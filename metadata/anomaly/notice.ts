import type { NoticeDetail } from '../notice.ts';
import type { Finding } from './outcome.ts';

interface Subject {
  readonly pipeline: string;
  readonly pipelineId: number;
  readonly executionId: number;
}

interface Text {
  readonly title: string;
  readonly message: string;
  readonly details: readonly NoticeDetail[];
}

/** What stays one incident: all that is odd about one run. */
export function subjectOf(executionId: number): string {
  return `anomaly/${executionId}`;
}

/** The words of Watcher's alert (its `_send_anomaly_alert`). */
export function oddText(
  { pipeline, pipelineId, executionId }: Subject,
  findings: readonly Finding[],
): Text {
  const metrics = findings.map(({ rule }) => `'${rule.metric}'`);
  return {
    title: 'Anomaly Detection',
    message: `Anomalies Detected for Pipeline '${pipeline}' (ID: ${pipelineId}) - Execution ID ${executionId} flagged`,
    details: [
      { key: 'Total Anomalies', value: String(findings.length) },
      { key: 'Metrics', value: `[${metrics.join(', ')}]` },
      { key: 'Anomalies', value: findings.map(lineOf).join('\n') },
    ],
  };
}

function lineOf({ rule, verdict }: Finding): string {
  const { value, min, max } = verdict;
  return `\n\t• ${rule.metric}: ${value} (Range: ${min.toFixed(0)} - ${max.toFixed(0)})`;
}

/** `by` is the run that showed it, or null when a person took the flags back. */
export function recoveredText(
  { pipeline, pipelineId, executionId }: Subject,
  by: number | null,
): Text {
  const end =
    by === null
      ? `Execution ID ${executionId} is no longer flagged`
      : `Execution ID ${by} is within range again, after Execution ID ${executionId}`;
  return {
    title: 'Anomaly Detection',
    message: `Anomalies Recovered for Pipeline '${pipeline}' (ID: ${pipelineId}) - ${end}`,
    details: [],
  };
}
