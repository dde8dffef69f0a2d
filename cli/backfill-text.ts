import pc from 'picocolors';
import type {
  Backfill,
  BackfillInterval,
  BackfillPlan,
  BackfillSummary,
} from '../api/contract/backfill.ts';
import { inColumns } from './columns.ts';
import { firstLine, spanText, STATE_MARKS } from './run-text.ts';

type State = keyof BackfillSummary['counts'];

/** In the order in which people want to know. */
const STATES: readonly State[] = [
  'succeeded',
  'running',
  'pending',
  'failed',
  'timed_out',
  'terminated',
  'skipped',
  'cancelled',
];

export function drawPlan(plan: BackfillPlan): string[] {
  const { pipeline, count, left_out, timezone, intervals } = plan;
  const [first, last] = [intervals[0], intervals.at(-1)];
  return [
    `${pipeline}: ${countText(count)}, ${stepText(plan)}${leftOutText(left_out)}`,
    ...(first && last
      ? inColumns([
          ['  first', bounds(first, timezone)],
          ['  last', bounds(last, timezone)],
        ])
      : []),
    ...(count > 0 ? [`${orderText(plan)}, ${plan.max_parallel} at the same time`] : []),
    estimateText(plan),
  ];
}

export function drawStarted({ id, pipeline, intervals }: BackfillSummary): string[] {
  return [
    `Backfill ${id} of ${pipeline} runs ${countText(intervals)}: highwater backfills show ${id}`,
  ];
}

export function drawBackfills(backfills: readonly BackfillSummary[]): string[] {
  if (backfills.length === 0) return ['No backfills.'];
  const head = ['ID', 'PIPELINE', 'STATE', 'FROM', 'TO', 'EVERY', 'DONE', 'FAILED', 'BY'];
  const rows = backfills.map((backfill) => {
    const { id, pipeline, state, from, to, every, timezone, intervals, counts } = backfill;
    const failed = failedOf(counts);
    return [
      ...[String(id), pipeline, stateText(backfill)],
      ...[timeText(from, timezone), timeText(to, timezone), every],
      `${counts.succeeded ?? 0}/${intervals}`,
      failed > 0 && state !== 'succeeded' ? pc.red(String(failed)) : String(failed),
      backfill.created_by,
    ];
  });
  return inColumns([head.map((title) => pc.dim(title)), ...rows]);
}

export function drawBackfill(backfill: Backfill, failed: readonly BackfillInterval[]): string[] {
  const { id, pipeline, from, to, timezone, params, changes } = backfill;
  const given = Object.entries(params).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return [
    `backfill ${id} of ${pipeline}  ${stateText(backfill)}`,
    ...inColumns([
      ['  intervals', `${bounds({ start: from, end: to }, timezone)}, ${stepText(backfill)}`],
      ['  progress', countsText(backfill)],
      ['  parallel', `${backfill.max_parallel}, ${orderText(backfill)}${onlyText(backfill)}`],
      ...(given.length > 0 ? [['  params', given.join(' ')]] : []),
      ['  watermark', backfill.move_watermark ? 'taken along' : 'left where it is'],
    ]),
    ...drawFailed(backfill, failed),
    ...changes
      .slice(0, 10)
      .map(({ changed_at, action, actor, details }) =>
        pc.dim(`${localTime(changed_at)}  ${action} by ${actor}${detailsText(details)}`),
      ),
  ];
}

/** What did not succeed, of which `shown` are the first, and what to do about it. */
export function drawFailed(
  { id, state, counts, timezone }: BackfillSummary,
  shown: readonly BackfillInterval[],
): string[] {
  if (shown.length === 0) return [];
  const more = failedOf(counts) - shown.length;
  const mayRetry = state !== 'cancelling' && state !== 'cancelled';
  return [
    ...drawIntervals(shown, timezone),
    ...(more > 0 ? [`  … and ${more} more: highwater backfills intervals ${id}`] : []),
    ...(mayRetry ? [`  Run them again: highwater backfills retry ${id}`] : []),
  ];
}

/** `212 of 365 · 8 running · 3 failed`. */
export function countsText({ counts, intervals }: BackfillSummary): string {
  const others = STATES.slice(1)
    .filter((state) => (counts[state] ?? 0) > 0)
    .map((state) => `${counts[state] ?? 0} ${state.replace('_', ' ')}`);
  return [`${counts.succeeded ?? 0} of ${intervals}`, ...others].join(' · ');
}

/** Each with its state, its run, and why it failed; times are those of the zone. */
export function drawIntervals(intervals: readonly BackfillInterval[], timezone: string): string[] {
  return inColumns(
    intervals.map(({ state, start, run, error, attempts }) => [
      `  ${state === 'pending' ? '·' : STATE_MARKS[state]} ${timeText(start, timezone)}`,
      run === null ? '' : `run ${run}`,
      attempts > 1 ? `${attempts} attempts` : '',
      error ? firstLine(error.message) : state.replace('_', ' '),
    ]),
  );
}

function failedOf({ failed = 0, timed_out = 0, terminated = 0, skipped = 0 }: Backfill['counts']) {
  return failed + timed_out + terminated + skipped;
}

function stateText({ state, seen }: BackfillSummary): string {
  const colour = { succeeded: pc.green, running: pc.cyan, failed: pc.red, terminated: pc.red };
  const shown = Object.hasOwn(colour, state) ? colour[state as keyof typeof colour] : pc.yellow;
  return `${shown(state)}${seen ? '' : pc.yellow(' (its workflow has not heard of it yet)')}`;
}

function orderText({ order }: Pick<BackfillPlan, 'order'>): string {
  return order === 'asc' ? 'the oldest first' : 'the newest first';
}

function onlyText({ only }: BackfillSummary): string {
  return only === null ? '' : `, only what ${only === 'missing' ? 'was missing' : 'failed'}`;
}

function estimateText({ estimate, count }: BackfillPlan): string {
  if (count === 0) return 'There is nothing to run.';
  if (!estimate) return 'Nobody can tell how long it takes: no run has succeeded yet';
  const { duration_ms, median_run_ms, runs } = estimate;
  const of = runs === 1 ? 'the last run' : `the last ${runs} runs`;
  return `About ${spanText(duration_ms)}: ${of} that succeeded took ${spanText(median_run_ms)}${runs === 1 ? '' : ' (median)'}`;
}

type Step = Pick<BackfillPlan, 'every' | 'timezone' | 'trigger'>;

function stepText({ every, timezone, trigger }: Step): string {
  return every === 'schedule' && trigger !== null
    ? `as ${trigger} fires`
    : `each ${every} in ${timezone}`;
}

function countText(count: number): string {
  return count === 1 ? '1 interval' : `${count} intervals`;
}

function leftOutText(count: number): string {
  return count === 0 ? '' : `, ${count} left out`;
}

function detailsText(details: Readonly<Record<string, unknown>>): string {
  const words = Object.entries(details)
    .filter(([name]) => name !== 'plan')
    .map(([name, value]) => `${name} ${changeText(value)}`);
  return words.length === 0 ? '' : `: ${words.join(', ')}`;
}

function changeText(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  const { from, to } = value as { from?: unknown; to?: unknown };
  return `${String(from)} → ${String(to)}`;
}

function bounds({ start, end }: { start: string; end: string }, timezone: string): string {
  return `${timeText(start, timezone)} → ${timeText(end, timezone)}`;
}

/** `2026-03-29 02:00`, or `2026-03-29` at midnight, on the clock of a time zone. */
function timeText(time: string, timeZone: string): string {
  const text = new Date(time).toLocaleString('sv-SE', { timeZone });
  return text.replace(/ 00:00:00$/, '').replace(/:00$/, '');
}

function localTime(time: string): string {
  return new Date(time).toLocaleString('sv-SE');
}
