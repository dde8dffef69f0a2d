import { sql } from 'kysely';
import { checkDeadlines, type DeadlineCheck } from '../../db/standings/check-deadlines.ts';
import { openDb, type Db } from '../../db/database.ts';
import type { DatePart } from '../../metadata/threshold.ts';
import type { RunState } from '../../plan/run-state.ts';
import { createLog } from '../../runtime/log.ts';
import { createDatabase } from './servers.ts';
import { followUp } from './follow-up.ts';

type Threshold = readonly [number, DatePart];

export interface PipelineSettings {
  readonly type?: string;
  readonly freshness?: Threshold;
  readonly timeliness?: Threshold;
}

/** A database of its own with pipelines whose dates lie where a test wants them. */
export interface DeadlineWorld {
  readonly url: string;
  readonly db: Db;
  addPipeline(name: string, settings?: PipelineSettings): Promise<number>;
  /** It last wrote so many minutes ago. */
  write(pipeline: number, minutesAgo: number): Promise<void>;
  set(pipeline: number, columns: Readonly<Record<string, unknown>>): Promise<void>;
  /** A run that began so many minutes ago. */
  begin(pipeline: number, minutesAgo: number): Promise<number>;
  end(execution: number, minutesAgo: number, state?: RunState): Promise<void>;
  check(how?: DeadlineCheck): Promise<Date | null>;
  /** State and reason of its aspect now. */
  standing(pipeline: number, aspect: 'freshness' | 'timeliness'): Promise<string | undefined>;
  /** What was raised since the last call, as `subject`, or `subject recovered`. */
  told(): Promise<string[]>;
  close(): Promise<void>;
}

export async function openDeadlineWorld(): Promise<DeadlineWorld> {
  const url = await createDatabase();
  const db = openDb(url, createLog('test', 'silent'), 4);
  let told = 0;
  return {
    ...{ url, db },
    addPipeline: async (name, { type = 'general', freshness, timeliness } = {}) => {
      await sql`insert into pipeline_type (name) values (${type}) on conflict do nothing`.execute(
        db,
      );
      const { id } = await db
        .insertInto('pipeline')
        .values({
          name,
          pipeline_type_id: sql`(select id from pipeline_type where name = ${type})`,
          freshness_number: freshness?.[0] ?? null,
          freshness_datepart: freshness?.[1] ?? null,
          timeliness_number: timeliness?.[0] ?? null,
          timeliness_datepart: timeliness?.[1] ?? null,
        })
        .returning('id')
        .executeTakeFirstOrThrow();
      return id;
    },
    write: async (pipeline, minutesAgo) => {
      await sql`update pipeline set last_target_insert = ${ago(minutesAgo)} where id = ${pipeline}`.execute(
        db,
      );
    },
    set: async (pipeline, columns) => {
      await db.updateTable('pipeline').set(columns).where('id', '=', pipeline).execute();
    },
    begin: async (pipeline, minutesAgo) => {
      const { rows } = await sql<{ id: number }>`
        insert into pipeline_execution (pipeline_id, state, trigger_kind, requested_at, start_date)
        values (${pipeline}, 'running', 'reported', ${ago(minutesAgo)}, ${ago(minutesAgo)})
        returning id`.execute(db);
      return rows[0]?.id ?? 0;
    },
    end: async (execution, minutesAgo, state = 'succeeded') => {
      await db.transaction().execute(async (tx) => {
        const row = await tx
          .updateTable('pipeline_execution')
          .set({
            state,
            completed_successfully: state === 'succeeded',
            end_date: ago(minutesAgo),
            duration_seconds: sql`round(extract(epoch from ${ago(minutesAgo)} - start_date))`,
          })
          .where('id', '=', execution)
          .returning(['id', 'pipeline_id as pipelineId', 'start_date as start', 'end_date as end'])
          .executeTakeFirstOrThrow();
        await followUp(tx, [{ ...row, end: row.end ?? new Date(), state }]);
      });
    },
    check: (how) => checkDeadlines(db, how),
    standing: async (pipeline, aspect) => {
      const row = await db
        .selectFrom('pipeline_standing')
        .select(['state', 'reason'])
        .where('pipeline_id', '=', pipeline)
        .where('aspect', '=', aspect)
        .where('until', 'is', null)
        .executeTakeFirst();
      return row && `${row.state}: ${row.reason}`;
    },
    told: async () => {
      const rows = await db
        .selectFrom('raised_notice')
        .select(['id', 'subject', 'recovered'])
        .where('id', '>', told)
        .orderBy('id')
        .execute();
      told = rows.at(-1)?.id ?? told;
      return rows.map(({ subject, recovered }) => (recovered ? `${subject} recovered` : subject));
    },
    close: () => db.destroy(),
  };
}

function ago(minutes: number) {
  return sql<Date>`now() - make_interval(secs => ${minutes * 60})`;
}
