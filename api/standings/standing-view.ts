import type { BoardEntry, TimelinessEntry } from '../../db/standings/boards.ts';
import type { LoggedRunRecord } from '../../db/runs/late-runs.ts';
import type { StandingRecord } from '../../db/standings/standings.ts';
import type { WatchedPipeline } from '../../db/pipelines/watched-pipelines.ts';
import type { Freshness as JudgedFreshness } from '../../metadata/freshness.ts';
import { freshnessText, timelinessText } from '../../metadata/standing-texts.ts';
import type { Standing } from '../../metadata/standing.ts';
import type {
  Freshness,
  FreshnessHistory,
  Timeliness,
  TimelinessHistory,
} from '../contract/standing.ts';
import { linksOfPipeline } from '../http/links.ts';

export function toFreshness({ pipeline, standing }: BoardEntry<JudgedFreshness>): Freshness {
  const { threshold, isMuted } = pipeline.freshness;
  return {
    ...toStanding(pipeline, standing, 'freshness'),
    state: standing.state,
    message: freshnessText(standing, pipeline.lastDml, threshold),
    last_write: toTime(pipeline.lastDml),
    threshold,
    muted: isMuted,
  };
}

export function toTimeliness({ pipeline, standing, missed }: TimelinessEntry): Timeliness {
  const { threshold, isMuted } = pipeline.timeliness;
  return {
    ...toStanding(pipeline, standing, 'timeliness'),
    state: standing.state,
    message: timelinessText(standing, threshold, missed),
    run: standing.executionId,
    threshold,
    muted: isMuted,
  };
}

function toStanding(
  { name, tags }: WatchedPipeline,
  { reason, since, deadline }: Standing<string, string>,
  aspect: 'freshness' | 'timeliness',
) {
  return {
    pipeline: name,
    tags: [...tags],
    reason,
    since: since.toISOString(),
    deadline: toTime(deadline),
    links: {
      self: `/api/${aspect}/${name}`,
      why_late: `${linksOfPipeline(name).self}/why-late`,
    },
  };
}

export function toHistory(records: readonly StandingRecord[]): FreshnessHistory['history'] {
  return records.map(({ state, reason, since, until, executionId }) => ({
    ...{ state, reason, since: since.toISOString(), until: toTime(until), run: executionId },
  }));
}

export function toLateRuns(runs: readonly LoggedRunRecord[]): TimelinessHistory['late_runs'] {
  return runs.map(({ foundAt, ...run }) => ({ ...run, found_at: foundAt.toISOString() }));
}

function toTime(date: Date | null): string | null {
  return date?.toISOString() ?? null;
}
