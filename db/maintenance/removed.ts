/** How many of each a clean-up removed. */
export interface Removed {
  runs: number;
  block_runs: number;
  log_lines: number;
  artifacts: number;
  closure_parents: number;
  closure_children: number;
  timeliness_logs: number;
  freshness_logs: number;
  anomaly_results: number;
  events: number;
  watermark_changes: number;
  notices: number;
}

export function nothingRemoved(): Removed {
  return {
    ...{ runs: 0, block_runs: 0, log_lines: 0, artifacts: 0 },
    ...{ closure_parents: 0, closure_children: 0 },
    ...{ timeliness_logs: 0, freshness_logs: 0, anomaly_results: 0, events: 0 },
    ...{ watermark_changes: 0, notices: 0 },
  };
}
