export type RunState =
  | 'queued'
  | 'running'
  | 'succeeded'
  | 'failed'
  | 'cancelled'
  | 'timed_out'
  | 'terminated'
  | 'skipped';

/** `upstream_failed`: a block it waits for failed. `reused`: its output comes from an earlier run. */
export type BlockState = RunState | 'upstream_failed' | 'reused';

/** How a run ends. */
export type ClosedState = Exclude<RunState, 'queued' | 'running'>;

export function isClosed(state: RunState): state is ClosedState {
  return state !== 'queued' && state !== 'running';
}
