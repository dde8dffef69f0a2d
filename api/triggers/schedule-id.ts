/** Ids of this installation's schedules begin with this; no other ids are ever touched. */
export function idPrefix(installation: string): string {
  return `highwater/${installation}/`;
}

export function scheduleIdOf(
  installation: string,
  { pipeline, name }: { readonly pipeline: string; readonly name: string },
): string {
  return `${idPrefix(installation)}${pipeline}/${name}`;
}

/** The pipeline and the trigger of one of our ids. */
export function namesIn(scheduleId: string): { readonly pipeline: string; readonly name: string } {
  const [, , pipeline = '', name = ''] = scheduleId.split('/');
  return { pipeline, name };
}
