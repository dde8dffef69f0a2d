/** How a run ends. */
export const CLOSED_STATES = [
  'succeeded',
  'failed',
  'cancelled',
  'timed_out',
  'terminated',
  'skipped',
] as const;
export type ClosedState = (typeof CLOSED_STATES)[number];

export const RUN_STATES = ['queued', 'running', ...CLOSED_STATES] as const;
export type RunState = (typeof RUN_STATES)[number];

/** `upstream_failed`: a block it waits for failed. `reused`: its output comes from an earlier run. */
export const BLOCK_STATES = [...RUN_STATES, 'upstream_failed', 'reused'] as const;
export type BlockState = (typeof BLOCK_STATES)[number];

/** Runs that ended otherwise than somebody wanted. */
export const FAILED_STATES = ['failed', 'timed_out', 'terminated'] as const;

export function isClosed(state: RunState): state is ClosedState {
  return state !== 'queued' && state !== 'running';
}
