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
  | { readonly type: 'folder'; readonly folder: string }
  | {
      readonly type: 'bucket';
      readonly connection: string;
      readonly bucket: string;
      /** The pattern that their keys fit. */
      readonly objects: string;
      readonly everyMs: number;
    };

/** The source that events of a watched place name. */
export function sourceOf(place: WatchedPlace): string {
  switch (place.type) {
    case 'channel':
      return `highwater/connections/${place.connection}/${place.channel}`;
    case 'folder':
      return `highwater/folders/${place.folder}`;
    case 'bucket':
      return `highwater/buckets/${place.connection}/${place.bucket}/${place.objects}`;
  }
}
