import type { BoardEntry, TimelinessEntry } from '../../db/standings/boards.ts';
import type { PastRun, Success } from '../../db/standings/late-evidence.ts';
import type { WatchedPipeline } from '../../db/pipelines/watched-pipelines.ts';
import type { Freshness } from '../../metadata/freshness.ts';
import type { Cause } from '../../metadata/why-late.ts';
import type { ApiDeps } from '../deps.ts';

/** A pipeline whose lateness is looked into. */
export interface Subject {
  readonly pipeline: WatchedPipeline;
  readonly freshness: BoardEntry<Freshness>;
  readonly timeliness: TimelinessEntry;
  /** The newest first. */
  readonly runs: readonly PastRun[];
  /** The newest, however long ago. */
  readonly success: Success | undefined;
  readonly now: Date;
  /** Looks into a pipeline further up; nothing when it was looked into already. */
  readonly lookUp: (pipelineId: number) => Promise<Upward | undefined>;
}

/** What was found of a pipeline further up. */
export interface Upward {
  readonly subject: Subject;
  readonly causes: readonly Cause[];
}

/** Looks for one kind of cause. */
export type Detective = (deps: DetectiveDeps, subject: Subject) => Promise<Cause[]>;

export type DetectiveDeps = Pick<ApiDeps, 'db' | 'temporal' | 'taskQueue'>;

/** A cause of this pipeline's lateness; what is left out is unknown or does not apply. */
export function causeOf(
  { pipeline }: Subject,
  kind: Cause['kind'],
  message: string,
  more: Partial<Omit<Cause, 'kind' | 'pipeline' | 'message'>> = {},
): Cause {
  return {
    ...{ kind, pipeline: pipeline.name, message },
    ...{ since: null, run: null, block: null, evidence: [], because: [], ...more },
  };
}
