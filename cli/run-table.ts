import pc from 'picocolors';
import type { BlockRun } from '../api/contract/run.ts';
import { isClosed } from '../plan/run-state.ts';
import { clip, inColumns } from './columns.ts';
import type { RunTree } from './follow-run.ts';
import {
  STATE_MARKS,
  blockSpan,
  firstLine,
  rowsText,
  runSpan,
  spanText,
  stateText,
} from './run-text.ts';

export interface Screen {
  readonly width: number;
  readonly height: number;
}

interface Line {
  readonly cells: readonly string[];
  readonly state: BlockRun['state'];
}

/** A run with its blocks, those of its sub-pipelines below their own, as lines that fit the screen. */
export function drawRun(tree: RunTree, { width, height }: Screen, now = Date.now()): string[] {
  const lines = linesOf(tree, '', now);
  const room = Math.max(3, height - 3);
  const shown = fit(lines, room);
  const hidden = lines.length - shown.length;
  return [
    titleOf(tree, now),
    ...inColumns(shown.map(({ cells }) => cells)),
    ...(tree.note === undefined ? [] : [pc.yellow(`  ${tree.note}`)]),
    ...(hidden > 0 ? [pc.dim(`  … and ${hidden} more blocks`)] : []),
  ].map((line) => clip(line, width));
}

function titleOf({ run }: RunTree, now: number): string {
  const span = runSpan(run, now);
  const time = span === null ? '' : ` ${pc.dim(spanText(span))}`;
  return `${STATE_MARKS[run.state]} ${pc.bold(run.pipeline)} run ${run.id} ${stateText(run.state)}${time}`;
}

function linesOf({ run, children }: RunTree, indent: string, now: number): Line[] {
  return run.blocks.flatMap((block) => {
    const child = children.get(block.name);
    const own = { state: block.state, cells: cellsOf(block, indent, now) };
    return child ? [own, ...linesOf(child, `${indent}  `, now)] : [own];
  });
}

function cellsOf(block: BlockRun, indent: string, now: number): string[] {
  const span = block.state === 'queued' ? null : blockSpan(block, now);
  return [
    `  ${indent}${STATE_MARKS[block.state]} ${block.name}`,
    pc.dim(block.kind),
    stateText(block.state) + (block.attempts > 1 ? pc.yellow(` (attempt ${block.attempts})`) : ''),
    rowsText(block.rows),
    span === null ? '' : pc.dim(spanText(span)),
    block.error ? pc.red(firstLine(block.error.message)) : pc.dim(waitText(block)),
  ];
}

/** `12 checks: no file matches in/*.csv`, or whom it waits for; empty when it worked or has not begun. */
function waitText({ state, checks, reason }: BlockRun): string {
  const isOver = state === 'succeeded' || !reason;
  const said = isOver ? '' : firstLine(reason.message);
  if (checks === undefined) return said;
  return `${checks} check${checks === 1 ? '' : 's'}${said && `: ${said}`}`;
}

/** What is going on and what went wrong comes first; then what ended last, then what waits. */
function fit(lines: readonly Line[], room: number): Line[] {
  if (lines.length <= room) return [...lines];
  const byNeed = [...lines.keys()].sort((a, b) => need(lines[a]) - need(lines[b]) || b - a);
  const kept = new Set(byNeed.slice(0, room));
  return lines.filter((_line, at) => kept.has(at));
}

function need(line: Line | undefined): number {
  if (line?.state === 'running') return 0;
  if (line?.state === 'failed' || line?.state === 'timed_out') return 1;
  return line && isEnded(line.state) ? 2 : 3;
}

function isEnded(state: BlockRun['state']): boolean {
  return state === 'upstream_failed' || state === 'reused' || isClosed(state);
}
