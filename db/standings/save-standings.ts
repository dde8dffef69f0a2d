import type { Announcement } from '../../metadata/announcement.ts';
import type { Standing } from '../../metadata/standing.ts';
import type { Db } from '../database.ts';
import { tellFreshness } from '../events/inside-events.ts';
import { changeStandings, noteAnnounced, type Aspect, type StandingRecord } from './standings.ts';
import type { WatchedPipeline } from '../pipelines/watched-pipelines.ts';

/** How a pipeline was found, beside how it was known to stand. */
export interface JudgedPipeline<Found extends Standing<string, string>> {
  readonly pipeline: WatchedPipeline;
  readonly standing: Found;
  readonly before: StandingRecord | undefined;
  readonly announced: Announcement;
  readonly executionId: number | null;
}

/** Writes down what is not as it was. A pipeline of which nothing was ever expected leaves no row. */
export async function saveStandings(
  tx: Db,
  aspect: Aspect,
  judged: readonly JudgedPipeline<Standing<string, string>>[],
): Promise<void> {
  const changed = judged.filter(isChanged);
  await changeStandings(
    tx,
    aspect,
    changed.map(({ pipeline, standing, announced, executionId }) => ({
      pipelineId: pipeline.id,
      state: standing.state,
      reason: standing.reason,
      since: standing.since,
      executionId,
      announced: announced.open,
    })),
  );
  if (aspect === 'freshness') await tellFreshness(tx, changed.map(toChange));
  for (const one of judged) {
    const { raise, recover } = one.announced;
    if (isChanged(one) || (raise.length === 0 && recover.length === 0)) continue;
    await noteAnnounced(tx, aspect, one.pipeline.id, one.announced.open);
  }
}

function toChange({
  pipeline,
  standing,
  before,
  executionId,
}: JudgedPipeline<Standing<string, string>>) {
  const { state, reason, since } = standing;
  return {
    pipelineId: pipeline.id,
    state,
    reason,
    since,
    before: before?.state ?? null,
    executionId,
  };
}

function isChanged({ standing, before }: JudgedPipeline<Standing<string, string>>): boolean {
  if (!before) return standing.state !== 'off';
  return before.state !== standing.state || before.reason !== standing.reason;
}
