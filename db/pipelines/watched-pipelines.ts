import { sql } from 'kysely';
import { effectiveThreshold, type EffectiveThreshold } from '../../metadata/threshold.ts';
import type { Db } from '../database.ts';

/** A pipeline with what is promised of it, its own settings over its type's. */
export interface WatchedPipeline {
  readonly id: number;
  readonly name: string;
  readonly tags: readonly string[];
  /** Also false when its file is gone and nobody has run it since. */
  readonly active: boolean;
  /** A file of the project defines it; others only report that it ran. */
  readonly isOurs: boolean;
  readonly freshness: Watch;
  readonly timeliness: Watch;
  /** The end of its last run that wrote. */
  readonly lastDml: Date | null;
  readonly knownSince: Date;
}

/** Whether anything is expected of a pipeline `p`: not when it is switched off, nor when nobody has run it since its file went. */
export const IS_ACTIVE = sql<boolean>`
  (p.active and coalesce(p.removed_at is null or p.removed_at < (
    select e.requested_at from pipeline_execution e
    where e.pipeline_id = p.id order by e.id desc limit 1), false))`;

interface Watch {
  readonly threshold: EffectiveThreshold | null;
  /** By itself or by its type. */
  readonly isMuted: boolean;
}

export interface WatchedFilter {
  readonly id?: number | undefined;
  readonly pipeline?: string | undefined;
  readonly tag?: string | undefined;
}

/** Every pipeline, or those of an id, a name or a tag. */
export async function listWatched(db: Db, filter: WatchedFilter = {}): Promise<WatchedPipeline[]> {
  const { id, pipeline, tag } = filter;
  const rows = await watched(db)
    .$if(id !== undefined, (query) => query.where('p.id', '=', id ?? 0))
    .$if(pipeline !== undefined, (query) => query.where('p.name', '=', pipeline ?? ''))
    .$if(tag !== undefined, (query) => query.where(sql<boolean>`p.tags @> ${[tag]}::text[]`))
    .execute();
  return rows.map(toWatched);
}

function watched(db: Db) {
  return db
    .selectFrom('pipeline as p')
    .innerJoin('pipeline_type as t', 't.id', 'p.pipeline_type_id')
    .select(['p.id', 'p.name', 'p.tags', 'p.created_at'])
    .select(['p.freshness_number', 'p.freshness_datepart'])
    .select(['p.timeliness_number', 'p.timeliness_datepart'])
    .select(['t.freshness_number as type_freshness_number'])
    .select(['t.freshness_datepart as type_freshness_datepart'])
    .select(['t.timeliness_number as type_timeliness_number'])
    .select(['t.timeliness_datepart as type_timeliness_datepart'])
    .select(IS_ACTIVE.as('active'))
    .select(sql<boolean>`p.current_version is not null and p.removed_at is null`.as('is_ours'))
    .select(
      sql<Date | null>`greatest(p.last_target_insert, p.last_target_update,
        p.last_target_soft_delete)`.as('last_dml'),
    )
    .select(sql<boolean>`p.mute_freshness_check or t.mute_freshness_check`.as('freshness_is_muted'))
    .select(
      sql<boolean>`p.mute_timeliness_check or t.mute_timeliness_check`.as('timeliness_is_muted'),
    );
}

type Row = Awaited<ReturnType<ReturnType<typeof watched>['execute']>>[number];

function toWatched(row: Row): WatchedPipeline {
  return {
    id: row.id,
    name: row.name,
    tags: row.tags,
    active: row.active,
    isOurs: row.is_ours,
    freshness: {
      threshold: effectiveThreshold(
        { number: row.freshness_number, datepart: row.freshness_datepart },
        { number: row.type_freshness_number, datepart: row.type_freshness_datepart },
      ),
      isMuted: row.freshness_is_muted,
    },
    timeliness: {
      threshold: effectiveThreshold(
        { number: row.timeliness_number, datepart: row.timeliness_datepart },
        { number: row.type_timeliness_number, datepart: row.type_timeliness_datepart },
      ),
      isMuted: row.timeliness_is_muted,
    },
    lastDml: row.last_dml,
    knownSince: row.created_at,
  };
}
