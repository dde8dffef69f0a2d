/** What of a run is compared with earlier runs. */
export const METRICS = [
  'duration_seconds',
  'inserts',
  'updates',
  'soft_deletes',
  'total_rows',
  'throughput',
] as const;
export type Metric = (typeof METRICS)[number];

/** Runs that began in the same hour (UTC), in the same hour of the week (UTC), or the newest ones. */
export const BASELINES = ['hour', 'hour_of_week', 'last_n'] as const;
export type Baseline = (typeof BASELINES)[number];

/** What stands for the centre and the spread of a baseline. */
export const METHODS = ['mean_sd', 'median_mad'] as const;
export type Method = (typeof METHODS)[number];

/** When a run of a pipeline counts as odd. */
export interface Rule {
  readonly metric: Metric;
  /** How many deviations from the centre are still normal. */
  readonly zThreshold: number;
  readonly lookbackDays: number;
  /** With fewer earlier runs nothing is said. */
  readonly minimumExecutions: number;
  readonly baseline: Baseline;
  /** How many runs a `last_n` baseline holds at most. */
  readonly lastN: number;
  readonly method: Method;
}
