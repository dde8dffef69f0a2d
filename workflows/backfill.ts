import type { Hash } from '../plan/plan.ts';
import type { ClosedState } from '../plan/run-state.ts';
import type { JsonObject } from '../runtime/json.ts';
import type { RunError } from './activities.ts';

/** The workflow that drives a backfill: its name is an export of the bundle, so no pipeline can have it. */
export const BACKFILL_WORKFLOW = 'highwater_backfill';

/** The signal that makes it look at what it is to do. */
export const LOOK_SIGNAL = 'look';

export interface BackfillInput {
  readonly backfill: number;
}

/** What the workflow tells of its children when it asks what it is to do. */
export interface BackfillReport {
  readonly backfill: number;
  /** Intervals whose runs have ended since the last report. */
  readonly ended: readonly EndedInterval[];
  /** Numbers of the intervals that it runs, or is about to. */
  readonly held: readonly number[];
  /** How many more it wants. */
  readonly room: number;
  /** Somebody cancelled the workflow itself. */
  readonly cancelled: boolean;
}

export interface EndedInterval {
  readonly nr: number;
  /** From 1. */
  readonly attempt: number;
  readonly state: ClosedState;
  readonly error?: RunError;
}

export interface BackfillOrders {
  readonly state: 'running' | 'paused' | 'cancelling' | 'ended';
  readonly maxParallel: number;
  /** In the order in which they are to start. Fewer than it wanted: there are no more. */
  readonly next: readonly NextInterval[];
  readonly runs: BackfillRuns;
}

/** An interval that waits for a run; times are ISO 8601. */
export interface NextInterval {
  readonly nr: number;
  readonly attempt: number;
  readonly start: string;
  readonly end: string;
}

/** What all runs of a backfill have in common. */
export interface BackfillRuns {
  readonly pipeline: string;
  readonly plan: Hash;
  readonly params: JsonObject;
  readonly triggerId: number | null;
  /** 1 goes first, 5 last. */
  readonly priority: number;
  readonly moveWatermark: boolean;
}

/** The place of a run in a backfill. */
export interface BackfillPlace {
  readonly id: number;
  readonly nr: number;
  /** From 1. */
  readonly attempt: number;
}
