import { chooseIntervals } from '../../db/backfills/choose-intervals.ts';
import { findPastDurations, type PastDurations } from '../../db/backfills/past-durations.ts';
import type { NewBackfill } from '../../db/backfills/insert-backfill.ts';
import { paramsOfInterval } from '../../plan/interval-params.ts';
import { resolveParams } from '../../plan/params.ts';
import type { Plan } from '../../plan/plan.ts';
import type { JsonObject } from '../../runtime/json.ts';
import { readCadence } from '../../triggers/cadence.ts';
import {
  checkTimezone,
  intervalsBetween,
  intervalsOfSchedule,
  readTime,
  type Interval,
} from '../../triggers/intervals.ts';
import type { BackfillPlan, BackfillRequest } from '../contract/backfill.ts';
import type { ApiDeps } from '../deps.ts';
import { chooseSchedule } from './choose-schedule.ts';

/** A mistake in a step or a year must not fill the database. */
const MOST_INTERVALS = 10_000;
/** What is old can wait for what is new. */
const LOW_PRIORITY = 4;
/** A step from one fire time of a schedule to the next. */
const AS_SCHEDULED = 'schedule';

export interface PlannedBackfill extends Omit<NewBackfill, 'actor' | 'salt'> {
  /** The name of the schedule that it follows. */
  readonly trigger: string | null;
  /** Of its first run, resolved. */
  readonly firstParams: JsonObject;
  /** Runs that the pipeline's own limit lets run at the same time, when it is one for all. */
  readonly limit: number;
  /** Intervals that `only` leaves out. */
  readonly leftOut: number;
}

/**
 * What a backfill that is asked for would run. Fails with `pipeline.not_found`, `pipeline.invalid`,
 * `params.invalid`, `trigger.not_found` or `backfill.invalid`.
 */
export async function planBackfill(
  deps: ApiDeps,
  request: BackfillRequest,
): Promise<PlannedBackfill> {
  const {
    pipeline,
    only = null,
    order = 'asc',
    max_parallel = 1,
    move_watermark = false,
  } = request;
  const { pipelineId, plan } = await deps.catalog.getCurrent(pipeline);
  const chosen = await chooseSchedule(deps.db, pipelineId, plan, request);
  const given = { ...chosen.params, ...(request.params as JsonObject | undefined) };
  const timezone = checkTimezone(request.timezone ?? chosen.schedule?.timezone ?? 'UTC');
  const from = readTime(request.from, timezone);
  const to = readTime(request.to, timezone);
  const { every = AS_SCHEDULED } = request;
  const all =
    chosen.schedule && request.every === undefined
      ? intervalsOfSchedule(chosen.schedule, from, to, MOST_INTERVALS)
      : intervalsBetween(from, to, readCadence(every), MOST_INTERVALS);
  const intervals = only === null ? all : await chooseIntervals(deps.db, pipelineId, all, only);
  return {
    ...{ pipelineId, pipeline, plan: plan.hash, intervals, timezone, only },
    range: { start: new Date(from.epochMilliseconds), end: new Date(to.epochMilliseconds) },
    every,
    direction: order,
    maxParallel: max_parallel,
    params: given,
    firstParams: resolveFirst(plan, given, all),
    trigger: chosen.trigger,
    triggerId: chosen.triggerId,
    priority: LOW_PRIORITY,
    moveWatermark: move_watermark,
    leftOut: all.length - intervals.length,
    limit: limitForAll(plan),
  };
}

/** What is wrong with the params of one run is most often wrong with those of all. */
export function resolveFirst(
  plan: Plan,
  params: JsonObject,
  intervals: readonly Interval[],
): JsonObject {
  const [first] = intervals;
  if (!first) return {};
  const times = { start: first.start.toISOString(), end: first.end.toISOString() };
  return resolveParams(plan.params, paramsOfInterval(params, plan.pipeline, times));
}

/** The same for whoever only wants to know, with how long it may take. */
export async function describePlan(
  { db }: ApiDeps,
  planned: PlannedBackfill,
): Promise<BackfillPlan> {
  const { pipelineId, pipeline, plan, range, every, timezone, direction, maxParallel } = planned;
  const intervals = planned.intervals.map(({ start, end }) => ({
    start: start.toISOString(),
    end: end.toISOString(),
  }));
  const past = await findPastDurations(db, pipelineId);
  return {
    ...{
      pipeline,
      plan,
      every,
      timezone,
      trigger: planned.trigger,
      order: direction,
      max_parallel: maxParallel,
    },
    from: range.start.toISOString(),
    to: range.end.toISOString(),
    params: { ...planned.firstParams },
    count: intervals.length,
    left_out: planned.leftOut,
    intervals: direction === 'asc' ? intervals : intervals.reverse(),
    estimate: estimate(past, intervals.length, Math.min(maxParallel, planned.limit)),
  };
}

function limitForAll({ concurrency }: Plan): number {
  if (!concurrency || concurrency.key !== undefined) return Infinity;
  return concurrency.maxRuns;
}

function estimate({ runs, medianMs }: PastDurations, count: number, atOnce: number) {
  if (medianMs === null) return null;
  const rounds = Math.ceil(count / atOnce);
  const median_run_ms = Math.round(medianMs);
  return { duration_ms: Math.round(rounds * medianMs), median_run_ms, runs };
}
