/** One thing that is wrong with a definition, and where. Lines and columns count from 1. */
export interface DefinitionError {
  /** Relative to the project, with `/`. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** Stable: `noun.problem`. */
  readonly code: string;
  readonly message: string;
  /** The line itself; empty when there is none to show. */
  readonly excerpt: string;
}

/** `file:line:col: code: message`, then the line with a caret under the column. */
export function formatError(error: DefinitionError, fileName = error.file): string {
  const { line, column, code } = error;
  const message = printable(error.message);
  const excerpt = printable(error.excerpt);
  const head = `${fileName}:${line}:${column}: ${code}: ${message}`;
  if (excerpt.trim() === '') return head;
  const from = Math.max(0, column - 81);
  const shown = (from > 0 ? '…' : '') + excerpt.slice(from, from + 160);
  const caretAt = column - 1 - from + (from > 0 ? 1 : 0);
  const gutter = `${line} | `;
  const indent = shown.slice(0, caretAt).replace(/[^\t]/g, ' ');
  return `${head}\n  ${gutter}${shown}\n  ${' '.repeat(gutter.length)}${indent}^`;
}

/** What a terminal would obey becomes visible instead. */
function printable(text: string): string {
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '\ufffd');
}

/** All of them as one text; for messages of faults. */
export function formatErrors(errors: readonly DefinitionError[]): string {
  return errors.map((error) => formatError(error)).join('\n');
}

export function inOrder(errors: readonly DefinitionError[]): DefinitionError[] {
  return [...errors].sort(
    (a, b) => compare(a.file, b.file) || a.line - b.line || a.column - b.column,
  );
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
