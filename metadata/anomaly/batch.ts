import { isOdd, judge, type Verdict } from './judge.ts';
import type { Pool } from './pool.ts';
import type { Metric, Rule } from './rule.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/** A run that has succeeded and waits for its check. */
export interface EndedRun {
  readonly id: number;
  readonly pipelineId: number;
  /** Of its start, in UTC; Monday is 1. */
  readonly hour: number;
  readonly weekday: number;
  readonly endedAt: Date;
  readonly values: Readonly<Record<Metric, number | null>>;
  /** True: found odd before. False: somebody took that back, and the word of a person stands. */
  readonly flags: Flags;
}

export type Flags = Readonly<Partial<Record<Metric, boolean>>>;

export interface PipelineRule extends Rule {
  readonly id: number;
  readonly pipelineId: number;
}

/** A rule and those runs of a batch that share its baseline. */
export interface Comparison {
  readonly rule: PipelineRule;
  /** Null where the baseline takes any. */
  readonly hour: number | null;
  readonly weekday: number | null;
  readonly runs: readonly EndedRun[];
}

export interface Judged {
  readonly run: EndedRun;
  readonly rule: PipelineRule;
  readonly verdict: Verdict;
}

/**
 * What is to be compared with what, so that one reading of a baseline serves a whole batch. A run without
 * the metric, or one that ended before the time the rule looks back to, is not compared.
 */
export function planComparisons(
  runs: readonly EndedRun[],
  rules: readonly PipelineRule[],
  now: Date,
): Comparison[] {
  const byPipeline = groupBy(runs, ({ pipelineId }) => pipelineId);
  return rules.flatMap((rule) => {
    const compared = (byPipeline.get(rule.pipelineId) ?? []).filter((run) => fits(rule, run, now));
    const groups = groupBy(compared, (run) => keyOf(slotOf(rule, run)));
    return [...groups.values()].flatMap((group) =>
      group.slice(0, 1).map((first) => ({ rule, ...slotOf(rule, first), runs: group })),
    );
  });
}

function fits({ metric, lookbackDays, baseline }: Rule, run: EndedRun, now: Date): boolean {
  const isRecent = run.endedAt.getTime() >= now.getTime() - lookbackDays * DAY_MS;
  return run.values[metric] !== null && (isRecent || baseline === 'last_n');
}

function slotOf({ baseline }: Rule, { hour, weekday }: EndedRun): Slot {
  return {
    hour: baseline === 'last_n' ? null : hour,
    weekday: baseline === 'hour_of_week' ? weekday : null,
  };
}

type Slot = Pick<Comparison, 'hour' | 'weekday'>;

const keyOf = ({ hour, weekday }: Slot) => `${hour ?? '-'} ${weekday ?? '-'}`;

/** What each run adds to the baseline of the others: null when it was found odd before. */
export function countedValues({ rule, runs }: Comparison): (number | null)[] {
  return runs.map(({ values, flags }) => (flags[rule.metric] ? null : values[rule.metric]));
}

/** One after the other: a run that is odd no longer counts for those after it. */
export function judgeRuns({ rule, runs }: Comparison, pool: Pool): Judged[] {
  return runs.map((run, at) => {
    const value = run.values[rule.metric];
    if (value === null || run.flags[rule.metric] === false)
      return { run, rule, verdict: 'unknown' };
    const verdict = judge(rule, value, pool.without(at));
    if (isOdd(verdict)) pool.drop(at);
    return { run, rule, verdict };
  });
}

function groupBy<Item, Key>(items: readonly Item[], keyOf: (item: Item) => Key): Map<Key, Item[]> {
  const groups = new Map<Key, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}
