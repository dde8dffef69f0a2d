import type { BlockRun } from '../api/contract/run.ts';
import { isClosed } from '../plan/run-state.ts';
import type { RunTree } from './follow-run.ts';
import { drawRun } from './run-table.ts';
import { firstLine, rowsText, runSpan, spanText, stateText, watermarkText } from './run-text.ts';

/** Shows how a run goes on; each call sees a newer state. */
export type ShowProgress = (tree: RunTree) => void;

/** A table that is redrawn in place. */
export function tableProgress(out: NodeJS.WriteStream): ShowProgress {
  let drawn = 0;
  return (tree) => {
    const lines = drawRun(tree, { width: out.columns || 80, height: out.rows || 24 });
    const upwards = drawn > 0 ? `\u001b[${drawn}A\u001b[0J` : '';
    out.write(`${upwards}${lines.join('\n')}\n`);
    drawn = lines.length;
  };
}

/** One line for each change of a state. */
export function lineProgress(print: (line: string) => void): ShowProgress {
  const seen = new Map<string, string>();
  const tell = (key: string, state: string, line: string) => {
    if (seen.get(key) === state) return;
    seen.set(key, state);
    print(line);
  };
  const show = ({ run, children }: RunTree, path: string): void => {
    const key = `run ${run.id}`;
    if (!isClosed(run.state)) tell(key, run.state, runLine(run, path));
    else if (!seen.has(key)) tell(key, 'started', `${path}  ${key} started`);
    for (const block of run.blocks) {
      const place = `${path}/${block.name}`;
      const state = `${block.state} ${block.attempts}`;
      if (block.state !== 'queued') tell(place, state, `${place}  ${blockText(block)}`);
      const child = children.get(block.name);
      if (child) show(child, place);
    }
    if (isClosed(run.state)) tell(key, run.state, runLine(run, path));
  };
  return (tree) => {
    show(tree, tree.run.pipeline);
    if (tree.note !== undefined) tell('note', tree.note, `${tree.run.pipeline}  ${tree.note}`);
  };
}

function runLine(run: RunTree['run'], path: string): string {
  const span = runSpan(run);
  const ended = run.finished_at !== null && span !== null ? ` after ${spanText(span)}` : '';
  const watermark = watermarkText(run);
  const error = run.error ? `: ${firstLine(run.error.message)}` : '';
  return `${path}  run ${run.id} ${stateText(run.state)}${ended}${watermark && `, ${watermark}`}${error}`;
}

function blockText(block: BlockRun): string {
  const parts = [
    stateText(block.state) + (block.attempts > 1 ? ` (attempt ${block.attempts})` : ''),
    rowsText(block.rows),
    block.duration_ms === null ? '' : spanText(block.duration_ms),
    firstLine(block.error?.message ?? ''),
  ];
  return parts.filter((part) => part !== '').join(', ');
}
