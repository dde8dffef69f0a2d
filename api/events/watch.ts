/** Watches one place from which events come by themselves. */
export interface Watch {
  /** How long to wait from one look to the next; 0: look whenever anybody does. */
  readonly everyMs: number;
  /** Looks once; never while it is still looking. Fails when the place can't be looked at. */
  look(): Promise<void>;
  /** Ends a look that is under way. */
  close(): Promise<void>;
}
