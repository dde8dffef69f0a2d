import { judgeFreshness, type Freshness } from '../../metadata/freshness.ts';
import type { MissedStart } from '../../metadata/expected-starts.ts';
import type { Standing } from '../../metadata/standing.ts';
import type { Timeliness } from '../../metadata/timeliness.ts';
import { judge, withPromises } from './check-timeliness.ts';
import type { Db } from '../database.ts';
import { listExpectedStarts } from './expected-starts.ts';
import { listRecentRuns } from '../runs/recent-runs.ts';
import { listStandings, type StandingRecord } from './standings.ts';
import {
  listWatched,
  type WatchedFilter,
  type WatchedPipeline,
} from '../pipelines/watched-pipelines.ts';

/** How a pipeline stands at this moment, whether or not anybody has checked it. */
export interface BoardEntry<Found extends Standing<string, string>> {
  readonly pipeline: WatchedPipeline;
  readonly standing: Found;
}

export interface TimelinessEntry extends BoardEntry<Timeliness> {
  /** The start that is owed for longest. */
  readonly missed: MissedStart | null;
}

export async function loadFreshness(
  db: Db,
  filter: WatchedFilter,
): Promise<BoardEntry<Freshness>[]> {
  const [pipelines, standings] = await Promise.all([
    listWatched(db, filter),
    listStandings(db, 'freshness'),
  ]);
  const now = new Date();
  return pipelines.map((pipeline) => {
    const { active, lastDml, knownSince } = pipeline;
    const { threshold } = pipeline.freshness;
    const found = judgeFreshness({ active, threshold, lastDml, knownSince }, now);
    return { pipeline, standing: sinceKnown(found, standings.get(pipeline.id), knownSince) };
  });
}

export async function loadTimeliness(db: Db, filter: WatchedFilter): Promise<TimelinessEntry[]> {
  const now = new Date();
  const [pipelines, standings, expected] = await Promise.all([
    listWatched(db, filter),
    listStandings(db, 'timeliness'),
    listExpectedStarts(db, now),
  ]);
  const recent = await listRecentRuns(db, withPromises(pipelines, expected));
  return pipelines.map((pipeline) => {
    const { missed, standing } = judge(pipeline, { recent, expected }, now);
    const { id, knownSince } = pipeline;
    const [first = null] = missed;
    return {
      pipeline,
      missed: first,
      standing: sinceKnown(standing, standings.get(id), knownSince),
    };
  });
}

/** What is as it was when it was last checked is so since then. */
function sinceKnown<Found extends Standing<string, string>>(
  found: Found,
  known: StandingRecord | undefined,
  knownSince: Date,
): Found {
  const isSame = known?.state === found.state && known.reason === found.reason;
  if (isSame) return { ...found, since: known.since };
  return found.state === 'off' ? { ...found, since: knownSince } : found;
}
