/** The workflow that removes what is too old: its name is an export of the bundle, so no pipeline can have it. */
export const MAINTENANCE_WORKFLOW = 'highwater_maintenance';

/** The schedule that starts it, one for each task queue and so for each stack: `highwater/maintenance`. */
export function maintenanceId(taskQueue: string): string {
  return `${taskQueue}/maintenance`;
}
