/** Pydantic's lax mode: what a value becomes before it is checked. What it can't read stays as it is. */

const INTEGER = /^[+-]?\d+(?:_\d+)*(?:\.0*)?$/;
const NUMBER = /^[+-]?(?:\d+(?:_\d+)*\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
const TRUE = new Set(['1', 'on', 't', 'true', 'y', 'yes']);
const FALSE = new Set(['0', 'off', 'f', 'false', 'n', 'no']);

export function laxInteger(input: unknown): unknown {
  if (typeof input === 'boolean') return Number(input);
  if (typeof input !== 'string') return input;
  const text = input.trim();
  return INTEGER.test(text) ? Number(text.replaceAll('_', '')) : input;
}

export function laxNumber(input: unknown): unknown {
  if (typeof input === 'boolean') return Number(input);
  if (typeof input !== 'string') return input;
  const text = input.trim();
  return NUMBER.test(text) ? Number(text.replaceAll('_', '')) : input;
}

export function laxFlag(input: unknown): unknown {
  if (typeof input !== 'string' && typeof input !== 'number') return input;
  const text = String(input).toLowerCase();
  if (TRUE.has(text)) return true;
  return FALSE.has(text) ? false : input;
}
