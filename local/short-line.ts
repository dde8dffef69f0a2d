import { isRecord } from '../runtime/json.ts';

const LEVELS: Readonly<Record<number, string>> = {
  10: 'trace',
  20: 'debug',
  30: 'info',
  40: 'warn',
  50: 'error',
  60: 'fatal',
};
const OWN = new Set(['level', 'time', 'pid', 'hostname', 'name', 'msg', 'err']);

/** A line of a JSON log as a person reads it; other lines stay as they are. */
export function shortLine(component: string, line: string): string {
  const entry = parse(line);
  if (!entry) return `${component.padEnd(9)} ${line}`;
  const { level, msg, err } = entry;
  const fields = Object.entries(entry)
    .filter(([name]) => !OWN.has(name))
    .map(([name, value]) => `${name}=${textOf(value)}`);
  const error = isRecord(err) ? [textOf(err['message'])] : [];
  const words = [LEVELS[Number(level)] ?? '', textOf(msg), ...fields, ...error];
  return `${component.padEnd(9)} ${words.filter((word) => word !== '').join(' ')}`;
}

function textOf(value: unknown): string {
  if (value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function parse(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const value: unknown = JSON.parse(line);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
