/** The workflow that looks at deadlines: its name is an export of the bundle, so no pipeline can have it. */
export const WATCH_WORKFLOW = 'highwater_watch';

/** The signal that wakes it. */
export const WAKE_SIGNAL = 'wake';

/** One for each task queue, and so for each stack: `highwater/watch`. */
export function watchId(taskQueue: string): string {
  return `${taskQueue}/watch`;
}
