import type { JsonObject } from '../../runtime/json.ts';

const MARKS = ['watermark', 'next_watermark'] as const;
const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\]:,]|[^\s"{}[\]:,]+/g;

/**
 * A watermark that was sent as a number becomes the text of that number, as Python would print it:
 * past 2^53 JavaScript's own numbers would name another row.
 */
export function keepExactMarks(body: JsonObject, text: string): JsonObject {
  const numeric = MARKS.filter((key) => typeof body[key] === 'number');
  if (numeric.length === 0) return body;
  const sources = topLevelSources(text);
  return {
    ...body,
    ...Object.fromEntries(numeric.map((key) => [key, asPython(sources.get(key) ?? '')])),
  };
}

/** By key: the last token that stands for its value, in an object's own text. */
function topLevelSources(text: string): Map<string, string> {
  const sources = new Map<string, string>();
  let depth = 0;
  let key: string | undefined;
  let previous = '';
  for (const [token] of text.matchAll(TOKEN)) {
    if (token === '}' || token === ']') depth -= 1;
    if (depth === 1 && token === ':') key = JSON.parse(previous) as string;
    else if (depth === 1 && token === ',') key = undefined;
    else if (depth === 1 && key !== undefined) sources.set(key, token);
    if (token === '{' || token === '[') depth += 1;
    previous = token;
  }
  return sources;
}

function asPython(source: string): string {
  if (/^-?\d+$/.test(source)) return source === '-0' ? '0' : source;
  const value = Number(source);
  const [digits = '', power = ''] = value.toExponential().split('e');
  if (Number(power) >= 16 || Number(power) < -4) {
    return `${digits}e${power[0] ?? ''}${power.slice(1).padStart(2, '0')}`;
  }
  return Number.isInteger(value) ? `${value}.0` : String(value);
}
