import type { Finding, Path } from '../document.ts';
import { nameProblem } from '../name.ts';

/** SQL blocks see these beside their params. */
const BOUND = new Set(['watermark', 'run_id', 'scheduled_at', 'interval_start', 'interval_end']);

/** Whatever a pipeline's file names: blocks, params and aliases. */
export function checkPipelineNames(raw: Readonly<Record<string, unknown>>): Finding[] {
  const blocks = mapOf(raw['blocks']);
  const aliases = Object.entries(blocks).flatMap(([name, block]) => {
    const inputs = mapOf(mapOf(block)['inputs']);
    return keysNamed(inputs, ['blocks', name, 'inputs']);
  });
  const params = mapOf(raw['params']);
  const bound = Object.keys(params).filter((name) => BOUND.has(name));
  return [
    ...keysNamed(blocks, ['blocks']),
    ...keysNamed(params, ['params']),
    ...keysNamed(mapOf(raw['triggers']), ['triggers']),
    ...aliases,
    ...bound.map((name) => ({
      path: ['params', name],
      at: 'key' as const,
      code: 'name.reserved',
      message: `every block sees a value called ${name} already: call the param something else`,
    })),
  ];
}

/** Whatever `highwater.yaml` names. */
export function checkProjectNames(raw: Readonly<Record<string, unknown>>): Finding[] {
  const channels = mapOf(mapOf(raw['notices'])['channels']);
  return [
    ...keysNamed(mapOf(raw['connections']), ['connections']),
    ...keysNamed(mapOf(raw['pools']), ['pools']),
    ...keysNamed(channels, ['notices', 'channels']),
  ];
}

function keysNamed(map: object, path: Path): Finding[] {
  return Object.keys(map).flatMap((key) => {
    const problem = key === '__proto__' ? null : nameProblem(key); // the reader has named those
    return problem ? [{ path: [...path, key], at: 'key', ...problem }] : [];
  });
}

/** The value when it is a map; an empty one when it is anything else. */
export function mapOf(value: unknown): Readonly<Record<string, unknown>> {
  const isMap = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isMap ? (value as Record<string, unknown>) : {};
}
