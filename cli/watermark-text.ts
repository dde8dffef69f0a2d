import pc from 'picocolors';
import type { Watermark, WatermarkHistory, WatermarkSetting } from '../api/contract/watermark.ts';
import { inColumns } from './columns.ts';
import { rowsText } from './run-text.ts';

const NONE = '(none)';

export function drawWatermark(watermark: Watermark): string[] {
  const { value, type, next_watermark: next, open_runs: open } = watermark;
  return [
    `${value ?? NONE}${type === null ? '' : pc.dim(`  ${type}`)}`,
    ...(next === null ? [] : [pc.dim(`next watermark: ${next}`)]),
    ...(open.length === 0 ? [] : [pc.dim(`open: ${runsText(open)}`)]),
  ];
}

export function drawSetting(setting: WatermarkSetting): string[] {
  const { pipeline, from, to, direction, dry_run, open_runs: open } = setting;
  if (direction === 'none') return [`The watermark of ${pipeline} is ${to ?? NONE} already`];
  const verb = dry_run ? 'would go' : 'went';
  return [
    `The watermark of ${pipeline} ${verb} ${directionText(direction)}: ${from ?? NONE} → ${to ?? NONE}`,
    ...(direction === 'forward' ? [`What lies between is not loaded`] : againText(setting)),
    ...(open.length === 0
      ? []
      : [`Open, and will leave it ${dry_run ? 'there' : 'here'}: ${runsText(open)}`]),
  ];
}

function directionText(direction: WatermarkSetting['direction']): string {
  return direction === 'unknown' ? 'elsewhere' : direction;
}

function againText({ again }: WatermarkSetting): string[] {
  if (!again) return ['Nobody can tell what is loaded again: no run has ended there'];
  const { runs, rows, windows } = again;
  if (runs === 0) return ['No run has loaded anything beyond'];
  const lines = windows.map(({ run, from, to, rows }) => [
    `  run ${run}`,
    `${from ?? NONE} → ${to}`,
    rowsText(rows),
  ]);
  const rest = runs - windows.length;
  return [
    `Loaded again: what ${runs === 1 ? '1 run has' : `${runs} runs have`} loaded, ${rowsText(rows)}`,
    ...inColumns(lines),
    ...(rest > 0 ? [pc.dim(`  and ${rest} older ones`)] : []),
  ];
}

export function drawHistory({ changes }: WatermarkHistory): string[] {
  if (changes.length === 0) return ['It has never been moved.'];
  const head = ['WHEN', 'FROM', 'TO', 'BY', 'RUN', 'WHY'].map((title) => pc.dim(title));
  const rows = changes.map(({ changed_at, from, to, moved, actor, run, reason }) => [
    new Date(changed_at).toLocaleString('sv-SE'),
    from ?? NONE,
    moved ? (to ?? NONE) : pc.yellow(`not ${to ?? NONE}`),
    actor,
    run === null ? '' : String(run),
    reason,
  ]);
  return inColumns([head, ...rows]);
}

function runsText(runs: readonly number[]): string {
  return runs.length === 1 ? `run ${runs.join()}` : `runs ${runs.join(', ')}`;
}
