import type { ExpectedStart } from '../../metadata/expected-starts.ts';
import type { Db } from '../database.ts';
import { listNewestStarts } from '../runs/recent-runs.ts';
import { listScheduledStarts } from '../triggers/scheduled-starts.ts';

/**
 * Whoever promises starts tells here which it has promised lately, and which comes next. A promise is
 * told until a start has kept it, or a later one has been told.
 */
export type ExpectedStartSource = (tx: Db, now: Date) => Promise<readonly ExpectedStart[]>;

/** Everybody who does. */
const SOURCES: readonly ExpectedStartSource[] = [listScheduledStarts];

/** By pipeline: the starts that are promised, and when its newest run began. */
export type ExpectedStarts = (pipelineId: number) => {
  readonly starts: readonly ExpectedStart[];
  readonly newest: Date | null;
};

export async function listExpectedStarts(
  tx: Db,
  now: Date,
  sources = SOURCES,
): Promise<ExpectedStarts> {
  const told = await Promise.all(sources.map((source) => source(tx, now)));
  const byPipeline = new Map<number, ExpectedStart[]>();
  for (const start of told.flat()) {
    byPipeline.set(start.pipelineId, [...(byPipeline.get(start.pipelineId) ?? []), start]);
  }
  const newest = await listNewestStarts(tx, [...byPipeline.keys()]);
  return (id) => ({ starts: byPipeline.get(id) ?? [], newest: newest.get(id) ?? null });
}
