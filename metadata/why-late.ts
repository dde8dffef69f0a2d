import { medianSpread } from './anomaly/median.ts';

/** What can make a pipeline late, the likeliest to explain it first. */
export const CAUSE_KINDS = [
  'stack_down',
  'no_worker',
  'waiting',
  'queued',
  'skipped',
  'paused',
  'missed_start',
  'broken',
  'failing',
  'cancelled',
  'retrying',
  'upstream_stale',
  'not_started',
  'wrote_nothing',
  'slow',
] as const;
export type CauseKind = (typeof CAUSE_KINDS)[number];

export interface Evidence {
  readonly key: string;
  readonly value: string;
}

/** Something found that explains why a pipeline is late, and what explains that in turn. */
export interface Cause {
  readonly kind: CauseKind;
  /** The pipeline that it is about. */
  readonly pipeline: string;
  readonly message: string;
  readonly since: Date | null;
  readonly run: number | null;
  readonly block: string | null;
  readonly evidence: readonly Evidence[];
  readonly because: readonly Cause[];
}

/** A cause in its place: those that explain it follow it, one level deeper. */
export interface RankedCause extends Omit<Cause, 'because'> {
  readonly depth: number;
}

/** The likeliest first, each followed by what explains it; of one kind the oldest first. */
export function rankCauses(causes: readonly Cause[], depth = 0): RankedCause[] {
  return [...causes]
    .sort((a, b) => rank(a) - rank(b) || timeOf(a) - timeOf(b))
    .flatMap(({ because, ...cause }) => [{ ...cause, depth }, ...rankCauses(because, depth + 1)]);
}

/** From what is asked about to the root of its first cause, one sentence each. */
export function chainOf(ranked: readonly RankedCause[]): string[] {
  const chain: string[] = [];
  for (const { depth, message } of ranked) {
    if (depth !== chain.length) break;
    chain.push(message);
  }
  return chain;
}

function rank({ kind }: Cause): number {
  return CAUSE_KINDS.indexOf(kind);
}

function timeOf({ since }: Cause): number {
  return since?.getTime() ?? Number.MAX_SAFE_INTEGER;
}

/** What is usual; null: nothing is known. */
export function median(values: readonly number[]): number | null {
  const ascending = [...values].sort((a, b) => a - b);
  return ascending.length === 0 ? null : medianSpread(ascending).centre;
}
