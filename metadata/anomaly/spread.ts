/** What a baseline says: its centre, how far its values lie from it, and how many there are. */
export interface Spread {
  readonly count: number;
  readonly centre: number;
  readonly deviation: number;
}
