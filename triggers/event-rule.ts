/** Which events start runs, and how many events a run is for. Times are in milliseconds. */
export interface EventRule {
  /** A whole type, or its beginning with `.*` behind; absent: any. */
  readonly type?: string;
  /** Absent: any. */
  readonly source?: string;
  /** Where its events come from by themselves; `source` is the name of that place. */
  readonly watch?: WatchedPlace;
  /** CEL. */
  readonly filter?: string;
  /** This and `key` may hold `${{ event.… }}`. */
  readonly dedup?: string;
  /** Events wait together for each value of it. */
  readonly key?: string;
  readonly debounce?: { readonly quietMs: number; readonly maxWaitMs: number };
  readonly batch?: { readonly max: number; readonly windowMs: number };
}

export type WatchedPlace =
  | { readonly type: 'channel'; readonly connection: string; readonly channel: string }
  | { readonly type: 'folder'; readonly folder: string };

/** The source that events of a watched place name. */
export function sourceOf(place: WatchedPlace): string {
  return place.type === 'channel'
    ? `highwater/connections/${place.connection}/${place.channel}`
    : `highwater/folders/${place.folder}`;
}
