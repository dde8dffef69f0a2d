/**
 * The advisory locks of a database, so that no two parts of Highwater take the same one. Each is of something that one
 * process at a time does; those of `(kind, key)` are of one thing of a kind each.
 */
export const LOCKS = {
  plans: 726_394_010,
  reconciler: 726_394_011,
  routing: 726_394_012,
  backfills: 726_394_013,
  /** `(kind, hash of pipeline and key)` */
  runLimits: 726_394_014,
  deadlines: 726_394_015,
  /** `(kind, pool)` */
  pools: 726_394_016,
  logLines: 726_394_017,
  dailySums: 726_394_018,
  addressNames: 726_394_019,
  deployments: 726_394_020,
  events: 726_394_021,
  /** `(kind, hash of the project)` */
  eventSources: 726_394_022,
  queues: 726_394_023,
  nesting: 726_394_024,
} as const;
