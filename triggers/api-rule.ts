/** Who may fire an API trigger, and how often. */
export interface ApiRule {
  /** Absent: callers send the trigger's token. */
  readonly signature?: {
    readonly type: 'github' | 'stripe';
    /** Holds `${{ env.NAME }}`, never the secret. */
    readonly secret: string;
  };
  /** Absent: as often as they like. */
  readonly rate?: Rate;
}

export interface Rate {
  /** How many at once. */
  readonly burst: number;
  readonly perSecond: number;
}
