/** Where the checks of sensors wait for a worker, so that they never take the place of blocks that work. */
export function sensorQueue(taskQueue: string): string {
  return `${taskQueue}-sensors`;
}
