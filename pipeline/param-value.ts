import type { Json } from '../runtime/json.ts';
import type { ParamDefinition } from './param.ts';

interface Rules {
  readonly type: ParamDefinition['type'];
  readonly pattern?: string | undefined;
  readonly enum?: readonly Json[] | undefined;
  readonly minimum?: number | undefined;
  readonly maximum?: number | undefined;
}

const ARTICLES: Readonly<Record<ParamDefinition['type'], string>> = {
  array: 'a list',
  boolean: 'true or false',
  date: 'a date such as 2001-01-31',
  integer: 'a whole number',
  number: 'a number',
  object: 'a map',
  string: 'text',
};
const DATE = /^\d{4}-\d{2}-\d{2}$/;

/** Says what is wrong with a value for a param (`must be …`), or null when it fits. */
export function paramValueProblem(rules: Rules, value: Json): string | null {
  if (!hasType(rules.type, value)) {
    return `must be ${ARTICLES[rules.type]}, not ${JSON.stringify(value).slice(0, 60)}`;
  }
  if (
    rules.pattern !== undefined &&
    typeof value === 'string' &&
    !new RegExp(rules.pattern, 'u').test(value)
  ) {
    return `must match ${rules.pattern}, and ${JSON.stringify(value).slice(0, 60)} does not`;
  }
  const text = JSON.stringify(value);
  if (rules.enum && !rules.enum.some((choice) => JSON.stringify(choice) === text)) {
    return `must be one of ${rules.enum.map((choice) => JSON.stringify(choice)).join(', ')}, not ${text}`;
  }
  if (rules.minimum !== undefined && Number(value) < rules.minimum) {
    return `must be at least ${rules.minimum}, not ${text}`;
  }
  if (rules.maximum !== undefined && Number(value) > rules.maximum) {
    return `must be at most ${rules.maximum}, not ${text}`;
  }
  return null;
}

function hasType(type: ParamDefinition['type'], value: Json): boolean {
  switch (type) {
    case 'array':
      return Array.isArray(value);
    case 'boolean':
      return typeof value === 'boolean';
    case 'date':
      return typeof value === 'string' && isDate(value);
    case 'integer':
      return Number.isSafeInteger(value);
    case 'number':
      return Number.isFinite(value);
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value);
    case 'string':
      return typeof value === 'string';
  }
}

function isDate(text: string): boolean {
  if (!DATE.test(text)) return false;
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}
