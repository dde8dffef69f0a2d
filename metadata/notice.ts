/** What a notice is about. */
export const NOTICE_KINDS = [
  'freshness',
  'timeliness',
  'anomaly',
  'run_failed',
  'missed_trigger',
  'queue',
] as const;
export type NoticeKind = (typeof NOTICE_KINDS)[number];

/** From the least to the most urgent. */
export const SEVERITIES = ['info', 'warning', 'error', 'critical'] as const;
export type Severity = (typeof SEVERITIES)[number];

export interface NoticeDetail {
  readonly key: string;
  readonly value: string;
}

/** What a delivery says of a notice. */
export type NoticeEvent = 'opened' | 'repeated' | 'recovered' | 'closed';

/** Why a notice ended though nothing has recovered: what became of its pipeline. */
export const CLOSED_BECAUSE = ['removed', 'inactive'] as const;
export type ClosedBecause = (typeof CLOSED_BECAUSE)[number];

export function closedText(pipeline: string, because: ClosedBecause): string {
  const what = because === 'removed' ? 'has no file any more' : 'is not active any more';
  return `Closed: pipeline ${pipeline} ${what}`;
}

export function isAtLeast(severity: Severity, least: Severity): boolean {
  return SEVERITIES.indexOf(severity) >= SEVERITIES.indexOf(least);
}

export function isWorse(severity: Severity, than: Severity): boolean {
  return !isAtLeast(than, severity);
}
