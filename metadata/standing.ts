/** How a pipeline stands, in one respect, since when and why. */
export interface Standing<State extends string, Reason extends string> {
  readonly state: State;
  readonly since: Date;
  /** A name to rely on. */
  readonly reason: Reason;
  /** When it turns late unless something happens before; null: nothing is due. */
  readonly deadline: Date | null;
}

/** The first of these moments; null when there is none. */
export function earliest(dates: readonly (Date | null)[]): Date | null {
  return dates.reduce((first, date) => (date && (!first || date < first) ? date : first), null);
}
