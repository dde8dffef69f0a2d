import pc from 'picocolors';
import type { Freshness, Timeliness } from '../api/contract/standing.ts';
import { inColumns } from './columns.ts';
import { spanText } from './run-text.ts';

type Standing = Freshness | Timeliness;

const MARKS: Readonly<Record<Standing['state'], string>> = {
  late: pc.red('✗'),
  waiting: pc.cyan('…'),
  fresh: pc.green('✓'),
  on_time: pc.green('✓'),
  off: pc.dim('·'),
};

/** One line for each pipeline. */
export function standingLines(standings: readonly Standing[], now = Date.now()): string[] {
  const head = ['STATE', 'PIPELINE', 'FOR', 'LATE IN', 'WHY'].map((title) => pc.dim(title));
  return inColumns([head, ...standings.map((standing) => toCells(standing, now))]);
}

function toCells(standing: Standing, now: number): string[] {
  const { state, pipeline, since, deadline, message, muted } = standing;
  const left = deadline === null ? null : Date.parse(deadline) - now;
  return [
    `${MARKS[state]} ${state.replace('_', ' ')}${muted ? pc.dim(' muted') : ''}`,
    pipeline,
    spanText(Math.max(0, now - Date.parse(since))),
    state === 'late' || left === null ? '' : spanText(Math.max(0, left)),
    message,
  ];
}

/** `2 late, 1 waiting, 40 fresh` */
export function countsText(counts: Readonly<Record<string, number>>): string {
  const parts = Object.entries(counts).filter(([state, count]) => count > 0 && state !== 'off');
  return parts.map(([state, count]) => `${count} ${state.replace('_', ' ')}`).join(', ');
}
