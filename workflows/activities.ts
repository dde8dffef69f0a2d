import type { Hash, Retention } from '../plan/plan.ts';
import type { Route } from '../plan/route.ts';
import type { BlockState, ClosedState } from '../plan/run-state.ts';
import type { Json, JsonObject } from '../runtime/json.ts';

/** What the workflow asks of the outside world; `activities/` answers. */
export interface Activities {
  /** Resolves the plan, and inserts or finds the run's row. A second call finds what the first did. */
  openRun(input: OpenRun): Promise<OpenedRun>;
  /** Reads the route again after a continue-as-new. */
  loadRoute(plan: Hash): Promise<Route>;
  /** Writes the final state of the run and of each of its blocks. A second call changes nothing. */
  closeRun(input: CloseRun): Promise<void>;
  /** Finds what turned late or recovered, and tells it once. */
  checkDeadlines(): Promise<NextCheck>;
  /** Removes what is older than it is kept. A second call goes on where the first one stopped. */
  cleanUp(order: CleanUpOrder): Promise<CleanUpCounts>;
}

/** What a clean-up is to do. */
export interface CleanUpOrder {
  /** Count only. */
  readonly dryRun: boolean;
  /** How long pipelines keep what they say nothing about, in milliseconds; left out: for ever. */
  readonly defaults: Retention;
}

/** How many of each a clean-up removed, by the names of `Removed` in `db/`. */
export type CleanUpCounts = Readonly<Record<string, number>>;

/** When the watch looks at deadlines again. */
export interface NextCheck {
  readonly sleepMs: number;
  /** How long it waits at least, even when somebody wakes it. */
  readonly pauseMs: number;
}

/** The type of the failure with which an attempt ends when its worker shuts down. */
export const WORKER_STOPPED = 'worker.stopped';

/** One attempt of a block; registered under every block's name. */
export type RunBlock = (input: BlockTask) => Promise<BlockOutput>;

/**
 * What a run is started with. `temporal workflow start` may leave all of it out;
 * the API gives `executionId`, a parent gives `parent`.
 */
export interface RunInput {
  /** The row that the API has committed already. */
  readonly executionId?: number;
  readonly params?: JsonObject;
  readonly full_load?: boolean;
  /** The plan to run; the pipeline's current one when left out. */
  readonly plan?: Hash;
  readonly parent?: ParentBlock;
  /** Why and for when it was started, where the API has committed no row. */
  readonly started?: StartedBy;
  /** Set when a long run goes on in a new history. */
  readonly carried?: CarriedRun;
}

/** Why and for when a run that Temporal starts by itself is started. */
export interface StartedBy {
  readonly trigger: 'schedule' | 'backfill';
  readonly triggerId?: number;
  /** ISO 8601, as the interval: the time that it stands for. Of a schedule, Temporal tells it. */
  readonly scheduledAt?: string;
  readonly interval?: { readonly start: string; readonly end: string };
  /** 1 goes first, 5 last; 3 when left out. */
  readonly priority?: number;
  /** It neither reads the pipeline's watermark nor moves it. */
  readonly keepWatermark?: boolean;
}

/** The block of another run that started this run. */
export interface ParentBlock {
  readonly executionId: number;
  readonly block: string;
  readonly attempt: number;
  /** JSON values of the blocks that its params refer to. */
  readonly values: Readonly<Record<string, Json>>;
}

export interface OpenRun {
  readonly pipeline: string;
  readonly workflowId: string;
  readonly firstRunId: string;
  readonly input: RunInput;
  /** ISO 8601: the fire time, of a run that one of Temporal's schedules started. */
  readonly scheduledAt?: string;
}

export interface OpenedRun {
  readonly context: RunContext;
  readonly route: Route;
}

/** What every block of a run may know of it. */
export interface RunContext {
  readonly executionId: number;
  readonly workflowId: string;
  readonly pipeline: string;
  readonly plan: Hash;
  readonly params: JsonObject;
  /** Where the last successful run ended; null on a first or a full load. */
  readonly watermark: string | null;
  readonly fullLoad: boolean;
  /** ISO 8601: the time that the run stands for, and the bounds of the data that it is about. */
  readonly scheduledAt: string | null;
  readonly intervalStart: string | null;
  readonly intervalEnd: string | null;
}

export interface BlockTask {
  readonly run: RunContext;
  readonly block: string;
  /** Attempts that earlier schedulings of this block used up. */
  readonly attemptsBefore: number;
  /** Outputs of the blocks it reads, by block name. */
  readonly inputs: Readonly<Record<string, BlockOutput>>;
}

/** What a block leaves behind: a reference to stored data, or a small JSON value. */
export interface BlockOutput {
  /** The attempt that succeeded, from 1. */
  readonly attempt: number;
  readonly rows: number | null;
  readonly artifact?: ArtifactRef;
  readonly value?: Json;
  /** Set on the watermark's block when it returned rows. */
  readonly watermark?: Watermark;
  /** Set by exporters. */
  readonly delivered?: Delivered;
}

export interface ArtifactRef {
  /** `store:///<key>`: a key below the artifact store's root. */
  readonly uri: string;
  readonly format: 'parquet' | 'json';
  readonly rows: number | null;
  readonly bytes: number;
  readonly sha256: string;
}

export interface Watermark {
  readonly value: string;
  readonly type: 'date' | 'number' | 'text';
}

export interface Delivered {
  readonly inserts: number;
  readonly updates: number;
  readonly soft_deletes: number;
}

export interface CloseRun {
  readonly executionId: number;
  readonly state: ClosedState;
  readonly error: RunError | null;
  readonly watermark: Watermark | null;
  readonly blocks: readonly ClosedBlock[];
}

export interface ClosedBlock {
  readonly name: string;
  readonly state: BlockState;
  /** The last attempt, from 1; left out when unknown or when there was none. */
  readonly attempt?: number;
  readonly rows?: number;
  readonly delivered?: Delivered;
  readonly error?: RunError;
}

export interface RunError {
  readonly code: string;
  readonly message: string;
  readonly block?: string;
}

/** The state that a run takes along when it continues as new. */
export interface CarriedRun {
  readonly context: RunContext;
  readonly blocks: readonly ClosedBlock[];
  /** Only of blocks that something still has to read. */
  readonly outputs: Readonly<Record<string, BlockOutput>>;
  readonly watermark: Watermark | null;
}
