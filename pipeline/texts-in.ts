import type { Path } from './document.ts';

export interface TextAt {
  readonly text: string;
  readonly path: Path;
}

/** Every text inside a JSON value, however deep. */
export function textsIn(value: unknown, path: Path): TextAt[] {
  if (typeof value === 'string') return [{ text: value, path }];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    textsIn(inner, [...path, Array.isArray(value) ? Number(key) : key]),
  );
}
