import pc from 'picocolors';
import type { Run } from '../api/contract/run.ts';

/** Each block's error in full, and where to read more; empty when all went well. */
export function errorLines(run: Run): string[] {
  const blocks = run.blocks.flatMap(({ name, error }) => (error ? [{ name, error }] : []));
  const lines = blocks.flatMap(({ name, error }) => [
    '',
    `${pc.red(name)}: ${error.code}`,
    error.message,
  ]);
  if (run.error && blocks.length === 0)
    lines.push('', `${pc.red(run.error.code)}: ${run.error.message}`);
  if (lines.length === 0) return [];
  return [...lines, '', `What its blocks said: highwater logs ${run.id}`];
}
