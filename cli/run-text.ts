import pc from 'picocolors';
import type { BlockRun, Run, RunSummary } from '../api/contract/run.ts';

export const STATE_MARKS: Readonly<Record<BlockRun['state'], string>> = {
  queued: pc.dim('·'),
  running: pc.cyan('▶'),
  succeeded: pc.green('✓'),
  reused: pc.green('↺'),
  failed: pc.red('✗'),
  upstream_failed: pc.dim('⊘'),
  cancelled: pc.yellow('■'),
  terminated: pc.red('■'),
  timed_out: pc.red('⧖'),
  skipped: pc.dim('↷'),
};

/** `succeeded`, `timed out`, … */
export function stateText(state: BlockRun['state']): string {
  return state.replace('_', ' ');
}

/** `850ms`, `12.3s`, `4m 05s`, `2h 10m`. */
export function spanText(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)}ms`;
  if (ms < 59_950) return `${(ms / 1_000).toFixed(1)}s`;
  const minutes = Math.floor(Math.round(ms / 1_000) / 60);
  if (minutes < 60) return `${minutes}m ${pad(Math.round(ms / 1_000) % 60)}s`;
  return `${Math.floor(minutes / 60)}h ${pad(minutes % 60)}m`;
}

/** `3,000,000 rows`; empty when nobody counted them. */
export function rowsText(rows: number | null): string {
  if (rows === null) return '';
  return `${rows.toLocaleString('en-US')} ${rows === 1 ? 'row' : 'rows'}`;
}

/** How long a run took, or has been running. */
export function runSpan({ started_at, finished_at }: RunSummary, now = Date.now()): number | null {
  if (started_at === null) return null;
  return (finished_at === null ? now : Date.parse(finished_at)) - Date.parse(started_at);
}

/** How long a block took, or has been running since its first attempt. */
export function blockSpan({ duration_ms, history }: BlockRun, now = Date.now()): number | null {
  const since = history[0]?.started_at;
  return duration_ms ?? (since ? Math.max(0, now - Date.parse(since)) : null);
}

/** Where a run began and ended, and why the watermark did not follow it. */
export function watermarkText(
  run: Pick<Run, 'watermark' | 'next_watermark' | 'watermark_kept'>,
): string {
  const { watermark, next_watermark, watermark_kept: kept } = run;
  if (next_watermark === null) return '';
  const moves = `watermark ${watermark ?? '(none)'} → ${next_watermark}`;
  return kept === undefined ? moves : `${moves} refused: ${kept}`;
}

export function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}

function pad(number: number): string {
  return String(number).padStart(2, '0');
}
