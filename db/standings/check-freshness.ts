import { sql } from 'kysely';
import { announce } from '../../metadata/announcement.ts';
import { freshAgainText, staleText } from '../../metadata/deadline-notices.ts';
import { judgeFreshness, type Freshness } from '../../metadata/freshness.ts';
import { postgresJson } from '../../runtime/json.ts';
import type { Db } from '../database.ts';
import { raiseNotices, type RaisedNotice } from '../notices/notices.ts';
import { saveStandings, type JudgedPipeline } from './save-standings.ts';
import { listStandings } from './standings.ts';
import type { WatchedPipeline } from '../pipelines/watched-pipelines.ts';

type Judged = JudgedPipeline<Freshness>;

/**
 * Looks at the freshness of these pipelines, and raises what is new; answers the deadlines that are
 * still to come.
 */
export async function checkFreshness(
  tx: Db,
  pipelines: readonly WatchedPipeline[],
  now: Date,
): Promise<(Date | null)[]> {
  const standings = await listStandings(tx, 'freshness');
  const judged = pipelines.map((pipeline) => {
    const { active, lastDml, knownSince } = pipeline;
    const { threshold, isMuted } = pipeline.freshness;
    const standing = judgeFreshness({ active, threshold, lastDml, knownSince }, now);
    const before = standings.get(pipeline.id);
    const troubles = standing.state === 'late' ? [`freshness/${pipeline.id}`] : [];
    const announced = announce(before?.announced ?? [], troubles, isMuted);
    return { pipeline, standing, before, announced, executionId: null };
  });

  await saveStandings(tx, 'freshness', judged);
  const logged = await logStale(tx, judged.filter(isTold), now);
  await raiseNotices(
    tx,
    judged.flatMap((one) => noticesOf(one, logged.has(one.pipeline.id))),
  );
  return judged.map(({ standing: { state, deadline } }) => (state === 'late' ? null : deadline));
}

function isTold({ pipeline, standing }: Judged): boolean {
  return standing.state === 'late' && !pipeline.freshness.isMuted && pipeline.lastDml !== null;
}

/** Logs each write that was not followed by another in time, once for ever; answers whose were new. */
async function logStale(tx: Db, judged: readonly Judged[], now: Date): Promise<Set<number>> {
  if (judged.length === 0) return new Set();
  const stale = judged.map(({ pipeline: { id, lastDml, freshness } }) => ({
    ...{ id, lastDml },
    number: freshness.threshold?.number,
    datepart: freshness.threshold?.datepart,
    own: freshness.threshold?.from === 'pipeline',
  }));
  const { rows } = await sql<{ pipeline_id: number }>`
    insert into freshness_pipeline_log (pipeline_id, last_dml_timestamp, evaluation_timestamp,
      freshness_number, freshness_datepart, used_child_config)
    select p.id, d.last_dml, ${now}, s.number, s.datepart, s.own
    from jsonb_to_recordset(${postgresJson(stale)}::jsonb)
      as s(id int, "lastDml" timestamptz, number int, datepart text, own boolean)
    join pipeline p on p.id = s.id
    cross join lateral (
      select greatest(p.last_target_insert, p.last_target_update, p.last_target_soft_delete)
    ) as d(last_dml)
    where date_trunc('milliseconds', d.last_dml) = s."lastDml" and not exists (
      select from freshness_pipeline_log l
      where l.pipeline_id = p.id and l.last_dml_timestamp = d.last_dml)
    on conflict do nothing
    returning pipeline_id`.execute(tx);
  return new Set(rows.map(({ pipeline_id }) => pipeline_id));
}

/** A write that came but was late itself is news too. */
function noticesOf({ pipeline, standing, announced }: Judged, isNew: boolean): RaisedNotice[] {
  const { freshness, lastDml, id } = pipeline;
  const raise = isNew ? announced.open : announced.raise;
  const stale = freshness.threshold && staleText(pipeline, lastDml, freshness.threshold);
  const again = freshAgainText(pipeline, standing.state === 'fresh' ? lastDml : null);
  return [
    ...(stale ? raise.map((subject) => ({ ...noticeOf(id, subject), ...stale })) : []),
    ...announced.recover.map((subject) => ({
      ...noticeOf(id, subject),
      recovered: true,
      ...again,
    })),
  ];
}

function noticeOf(pipelineId: number, subject: string) {
  return {
    ...{ kind: 'freshness', severity: 'warning', recovered: false },
    ...{ pipelineId, executionId: null, subject },
  } as const satisfies Partial<RaisedNotice>;
}
