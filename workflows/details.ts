import type { Route } from '../plan/route.ts';
import type { Board } from './board.ts';

const LISTED = 40;

/** The live progress that the Web UI shows, as Markdown: every block of a short run, or those at work. */
export function progressOf(route: Route, board: Board): string {
  const head = `**${board.doneCount} of ${board.totalCount} blocks done**, ${board.running.size} running`;
  const names =
    route.blocks.length <= LISTED
      ? route.blocks.map(({ name }) => name)
      : [...board.running].slice(0, LISTED);
  if (names.length === 0) return head;
  const rows = names.map((name) => `| ${name} | ${board.kindOf(name)} | ${board.stateOf(name)} |`);
  return [head, '', '| block | kind | state |', '|---|---|---|', ...rows].join('\n');
}
