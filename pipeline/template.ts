/** Text between expressions, or the source of an expression with where it begins in the whole. */
type TemplatePart =
  { readonly text: string } | { readonly expression: string; readonly offset: number };

export interface Template {
  readonly parts: readonly TemplatePart[];
  /** Where an `${{` begins that nothing closes. */
  readonly unclosed?: number;
}

const OPEN = '${{';

export function hasExpression(text: string): boolean {
  return text.includes(OPEN);
}

/** Takes `a ${{ x }} b` apart. Strings and maps inside an expression may hold `}}`. */
export function splitTemplate(text: string): Template {
  const parts: TemplatePart[] = [];
  let from = 0;
  for (;;) {
    const open = text.indexOf(OPEN, from);
    if (open < 0) break;
    const offset = open + OPEN.length;
    const close = closeOf(text, offset);
    if (close < 0) return { parts, unclosed: open };
    if (open > from) parts.push({ text: text.slice(from, open) });
    parts.push({ expression: text.slice(offset, close), offset });
    from = close + 2;
  }
  if (from < text.length || parts.length === 0) parts.push({ text: text.slice(from) });
  return { parts };
}

/** The place of the `}}` that ends the expression which begins at `from`. */
function closeOf(text: string, from: number): number {
  let depth = 0;
  for (let at = from; at < text.length; at++) {
    const letter = text[at];
    if (letter === '"' || letter === "'") {
      at = endOfString(text, at, letter);
    } else if (letter === '{') {
      depth++;
    } else if (letter === '}') {
      if (depth === 0 && text[at + 1] === '}') return at;
      depth = Math.max(0, depth - 1);
    }
  }
  return -1;
}

function endOfString(text: string, from: number, quote: string): number {
  for (let at = from + 1; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === quote) return at;
  }
  return text.length;
}
