import { sql, type RawBuilder } from 'kysely';
import type { NoticeKind } from '../../metadata/notice.ts';
import { Fault } from '../../runtime/fault.ts';
import type { Db } from '../database.ts';
import { NOTICE_CHANNEL } from './notices.ts';

/** Nobody is told of notices that a mute covers. It stays on record when it is over. */
export interface MuteRecord {
  readonly id: number;
  /** Null: of every pipeline, and of none. */
  readonly pipeline: string | null;
  /** Null: of every kind. */
  readonly kind: NoticeKind | null;
  /** Null: until it is lifted. */
  readonly until: Date | null;
  readonly reason: string;
  readonly created_at: Date;
  readonly created_by: string;
  readonly lifted_at: Date | null;
  readonly lifted_by: string | null;
  readonly active: boolean;
}

export interface NewMute {
  readonly pipeline: string | null;
  readonly kind: NoticeKind | null;
  readonly until: Date | null;
  readonly reason: string;
  readonly by: string;
}

/** Whether a mute that holds at this moment, and is not lifted, covers the row `alias` by its pipeline and kind. */
export function isMuted(alias: string, at: RawBuilder<Date>): RawBuilder<boolean> {
  return sql<boolean>`
    exists (
      select from notice_mute m
      where (m.pipeline_id is null or m.pipeline_id = ${sql.ref(`${alias}.pipeline_id`)})
        and (m.kind is null or m.kind = ${sql.ref(`${alias}.kind`)})
        and (m.until is null or m.until > ${at})
        and m.lifted_at is null
    )`;
}

const ACTIVE = sql<boolean>`m.lifted_at is null and (m.until is null or m.until > clock_timestamp())`;

/** Fails with `pipeline.not_found`. */
export async function addMute(db: Db, mute: NewMute): Promise<MuteRecord> {
  const { pipeline, kind, until, reason, by } = mute;
  const pipelineId = pipeline === null ? null : await requirePipeline(db, pipeline);
  const { id } = await db
    .insertInto('notice_mute')
    .values({ pipeline_id: pipelineId, kind, until, reason, created_by: by })
    .returning('id')
    .executeTakeFirstOrThrow();
  return getMute(db, id);
}

/** The newest first. */
export async function listMutes(db: Db, activeOnly: boolean, limit: number): Promise<MuteRecord[]> {
  const rows = await mutes(db)
    .$if(activeOnly, (query) => query.where(ACTIVE))
    .orderBy('m.id', 'desc')
    .limit(limit)
    .execute();
  return rows.map(toRecord);
}

/**
 * Whatever it kept from everyone is told soon, as far as it is still open. Lifting it again changes
 * nothing. Fails with `mute.not_found`.
 */
export async function liftMute(db: Db, id: number, by: string): Promise<MuteRecord> {
  await sql`
    with lifted as (
      update notice_mute set lifted_at = clock_timestamp(), lifted_by = ${by}
      where id = ${id} and lifted_at is null
      returning id
    )
    select pg_notify(${NOTICE_CHANNEL}, '') from lifted`.execute(db);
  return getMute(db, id);
}

async function getMute(db: Db, id: number): Promise<MuteRecord> {
  const row = await mutes(db).where('m.id', '=', id).executeTakeFirst();
  if (!row) throw new Fault('mute.not_found', `No mute ${id}`);
  return toRecord(row);
}

async function requirePipeline(db: Db, name: string): Promise<number> {
  const row = await db
    .selectFrom('pipeline')
    .select('id')
    .where('name', '=', name)
    .executeTakeFirst();
  if (!row) throw new Fault('pipeline.not_found', `There is no pipeline ${name}`);
  return row.id;
}

function mutes(db: Db) {
  return db
    .selectFrom('notice_mute as m')
    .leftJoin('pipeline as p', 'p.id', 'm.pipeline_id')
    .select(['m.id', 'p.name as pipeline', 'm.kind', 'm.until', 'm.reason'])
    .select(['m.created_at', 'm.created_by', 'm.lifted_at', 'm.lifted_by', ACTIVE.as('active')]);
}

function toRecord(row: Awaited<ReturnType<ReturnType<typeof mutes>['execute']>>[number]) {
  return { ...row, kind: row.kind as NoticeKind | null };
}
