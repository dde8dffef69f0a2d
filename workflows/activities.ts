import type { Hash, PoolShare, Retention } from '../plan/plan.ts';
import type { Route } from '../plan/route.ts';
import type { BlockState, ClosedState } from '../plan/run-state.ts';
import type { Json, JsonObject } from '../runtime/json.ts';
import type { BackfillOrders, BackfillPlace, BackfillReport } from './backfill.ts';

/** What the workflow asks of the outside world; `activities/` answers. */
export interface Activities {
  /** Resolves the plan, and inserts or finds the run's row. A second call finds what the first did. */
  openRun(input: OpenRun): Promise<Opening>;
  /** Reads the route again after a continue-as-new. */
  loadRoute(plan: Hash): Promise<Route>;
  /** Writes the final state of the run and of each of its blocks. A second call changes nothing. */
  closeRun(input: CloseRun): Promise<void>;
  /** Takes slots of a pool for one attempt of a block, or says whom it waits for. Asking twice takes them once. */
  takeSlots(request: SlotRequest): Promise<SlotAnswer>;
  /** Finds what turned late or recovered, and tells it once. */
  checkDeadlines(): Promise<NextCheck>;
  /** Removes what is older than it is kept. A second call goes on where the first one stopped. */
  cleanUp(order: CleanUpOrder): Promise<CleanUpCounts>;
  /** Writes down how intervals of a backfill ended, and answers what it is to do. Twice changes nothing more. */
  driveBackfill(report: BackfillReport): Promise<BackfillOrders>;
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

/** The type of the failure with which a block ends whose last attempt ended with its worker, unheard. */
export const WORKER_LOST = 'worker.lost';

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
  /** Its place in the backfill that starts it. */
  readonly backfill?: BackfillPlace;
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

/** A run as it begins, or why it doesn't now. */
export type Opening = OpenedRun | WaitingRun | SkippedRun;

export interface OpenedRun {
  readonly context: RunContext;
  readonly route: Route;
}

/** Its pipeline has as many runs as it may have. */
export interface WaitingRun {
  readonly waiting: {
    readonly executionId: number;
    readonly message: string;
    /** Workflow ids of runs that are to make room for it. */
    readonly cancel: readonly string[];
  };
}

/** It is closed already, and was never begun. */
export interface SkippedRun {
  readonly skipped: { readonly executionId: number };
}

export interface SlotRequest {
  readonly executionId: number;
  readonly block: string;
  readonly attempt: number;
  readonly pool: PoolShare;
}

export interface SlotAnswer {
  readonly granted: boolean;
  /** Whom it waits for. */
  readonly message?: string;
}

/** The type of the failure with which an attempt ends that has lost its slots before it could begin. */
export const SLOTS_LOST = 'pool.slots_lost';

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
  /** Set when the attempt holds slots of a pool. */
  readonly pool?: PoolShare;
  /** Set for a sensor, whose attempts are checks. */
  readonly check?: CheckTask;
}

/** All checks of a sensor are one row in the mirror, the one of this attempt; so are their log lines. */
export const SENSOR_ATTEMPT = 1;

/** A sensor's checks, each an attempt of one activity; or one check, in histories that are older than that. */
export type CheckTask = SensorState | OneCheck;

/** One check of a sensor. */
export interface OneCheck {
  /** From 1. */
  readonly number: number;
  /** When it says no, the sensor has waited in vain: it ends so. */
  readonly last?: 'fails' | 'is skipped';
  /** How long the sensor waits in all, in milliseconds. */
  readonly timeoutMs: number;
}

/** The type of the failure with which a check ends that says no: another one follows. */
export const NOT_YET = 'sensor.not_yet';

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
  /** It was not run, and neither is what depends on it; that is no failure. */
  readonly skipped?: boolean;
  /** Set by a check that says no: what it saw. */
  readonly not_yet?: string;
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
  /** Whether blocks of its plan hold slots of pools: they are free from now on. */
  readonly holdsSlots?: boolean;
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
  /** Of blocks that only wait. */
  readonly waits?: WaitStates;
}

/** How far blocks have come that wait, by name. */
export type WaitStates = Readonly<Record<string, SensorState | PooledState>>;

/** How far a block has come whose attempts hold slots of a pool. */
export interface PooledState {
  /** The next attempt, from 1. */
  readonly attempt: number;
  /** Attempts that failed by themselves, and that ended with their worker. */
  readonly tries: number;
  readonly losses: number;
  /** What attempts and the waits between them took of the deadline. */
  readonly usedMs: number;
}

/** How far a sensor that waits has come; how often it has looked is in its row. */
export interface SensorState {
  /** When it began to wait, in ms since the epoch. */
  readonly since: number;
}

/** The same, in histories in which each check is an activity. */
export interface TimedSensorState extends SensorState {
  readonly checks: number;
  /** When it looks again, in ms since the epoch. */
  readonly next: number;
}
