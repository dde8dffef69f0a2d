import { stripVTControlCharacters } from 'node:util';

/** Lines of cells, each column as wide as its widest cell; nothing, a colour of nothing included, stands after the last one. */
export function inColumns(rows: readonly (readonly string[])[], gap = 2): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, at) => {
      widths[at] = Math.max(widths[at] ?? 0, widthOf(cell));
    });
  }
  return rows.map((row) => {
    const last = row.findLastIndex((cell) => widthOf(cell) > 0);
    return row
      .slice(0, last + 1)
      .map((cell, at) =>
        at === last ? cell : cell + ' '.repeat((widths[at] ?? 0) - widthOf(cell) + gap),
      )
      .join('');
  });
}

/** The line as far as a terminal of this width shows it without wrapping; colours do not count. */
export function clip(line: string, width: number): string {
  if (widthOf(line) <= width) return line;
  let left = width - 1;
  const parts = line.split(/(\u001b\[[0-9;]*m)/);
  const kept = parts.map((part) => {
    if (part.startsWith('\u001b')) return part;
    const piece = part.slice(0, Math.max(0, left));
    left -= part.length;
    return piece;
  });
  return `${kept.join('')}…`;
}

function widthOf(text: string): number {
  return stripVTControlCharacters(text).length;
}
