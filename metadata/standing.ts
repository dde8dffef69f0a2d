/** How a pipeline stands, in one respect, since when and why. */
export interface Standing<State extends string, Reason extends string> {
  readonly state: State;
  readonly since: Date;
  /** A name to rely on. */
  readonly reason: Reason;
  /** When it turns late unless something happens before; null: nothing is due. */
  readonly deadline: Date | null;
}

export function earliest(...dates: readonly (Date | null | undefined)[]): Date | null {
  return extreme(dates, Math.min);
}

export function latest(...dates: readonly (Date | null | undefined)[]): Date | null {
  return extreme(dates, Math.max);
}

function extreme(
  dates: readonly (Date | null | undefined)[],
  choose: (...times: number[]) => number,
): Date | null {
  const times = dates.flatMap((date) => (date ? [date.getTime()] : []));
  return times.length === 0 ? null : new Date(choose(...times));
}
