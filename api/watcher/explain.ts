import type * as z from 'zod';

/** Pydantic's name of an error, its text, and the facts in it. */
export interface Explained {
  readonly type: string;
  readonly msg: string;
  readonly ctx?: Readonly<Record<string, unknown>>;
}

/** Tells an issue with this input in Pydantic's words. */
export function explain(issue: z.core.$ZodIssue, input: unknown): Explained {
  if (issue.code === 'invalid_type') return explainType(issue, input);
  if (issue.code === 'invalid_value') return explainChoice(issue.values);
  if (issue.code === 'too_small')
    return issue.origin === 'string' ? tooShort(issue) : tooLow(issue);
  if (issue.code === 'too_big') return issue.origin === 'string' ? tooLong(issue) : tooHigh(issue);
  return { type: 'value_error', msg: issue.message, ctx: { error: {} } };
}

/** Of a number the message is the noun: integer or number. */
function explainType(issue: z.core.$ZodIssueInvalidType, input: unknown): Explained {
  if (issue.expected === 'number') return explainNumber(issue.message, input);
  const isTextual = typeof input === 'string' || typeof input === 'number';
  if (issue.expected === 'boolean' && isTextual) return NO_FLAG;
  return TYPES[issue.expected] ?? NO_MODEL;
}

const NO_FLAG: Explained = {
  type: 'bool_parsing',
  msg: 'Input should be a valid boolean, unable to interpret input',
};
const NO_MODEL: Explained = {
  type: 'model_attributes_type',
  msg: 'Input should be a valid dictionary or object to extract fields from',
};
const TYPES: Readonly<Record<string, Explained>> = {
  array: { type: 'list_type', msg: 'Input should be a valid list' },
  boolean: { type: 'bool_type', msg: 'Input should be a valid boolean' },
  int: {
    type: 'int_from_float',
    msg: 'Input should be a valid integer, got a number with a fractional part',
  },
  record: { type: 'dict_type', msg: 'Input should be a valid dictionary' },
  string: { type: 'string_type', msg: 'Input should be a valid string' },
};

function explainNumber(noun: string, input: unknown): Explained {
  const prefix = noun === 'integer' ? 'int' : 'float';
  const article = noun === 'integer' ? 'an' : 'a';
  const msg = `Input should be a valid ${noun}`;
  return typeof input === 'string'
    ? { type: `${prefix}_parsing`, msg: `${msg}, unable to parse string as ${article} ${noun}` }
    : { type: `${prefix}_type`, msg };
}

function explainChoice(words: readonly unknown[]): Explained {
  const quoted = words.map((word) => `'${String(word)}'`);
  const expected =
    quoted.length < 2 ? quoted.join('') : `${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1)}`;
  return { type: 'enum', msg: `Input should be ${expected}`, ctx: { expected } };
}

function tooShort({ minimum }: z.core.$ZodIssueTooSmall): Explained {
  const msg = `String should have at least ${characters(minimum)}`;
  return { type: 'string_too_short', msg, ctx: { min_length: minimum } };
}

function tooLong({ maximum }: z.core.$ZodIssueTooBig): Explained {
  const msg = `String should have at most ${characters(maximum)}`;
  return { type: 'string_too_long', msg, ctx: { max_length: maximum } };
}

function characters(count: number | bigint): string {
  return `${count} character${count === 1 ? '' : 's'}`;
}

function tooLow({ minimum, inclusive }: z.core.$ZodIssueTooSmall): Explained {
  return inclusive
    ? bound('greater_than_equal', 'greater than or equal to', { ge: minimum })
    : bound('greater_than', 'greater than', { gt: minimum });
}

function tooHigh({ maximum, inclusive }: z.core.$ZodIssueTooBig): Explained {
  return inclusive
    ? bound('less_than_equal', 'less than or equal to', { le: maximum })
    : bound('less_than', 'less than', { lt: maximum });
}

function bound(type: string, words: string, ctx: Record<string, number | bigint>): Explained {
  return { type, msg: `Input should be ${words} ${Object.values(ctx).join('')}`, ctx };
}
