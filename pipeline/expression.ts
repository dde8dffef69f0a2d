import { Environment, EvaluationError, ParseError, TypeError } from '@marcbachmann/cel-js';
import type { ParseResult } from '@marcbachmann/cel-js';
import { namesIn, textsFor, type Reference } from './expression-names.ts';

/** Where an expression stands decides which names it sees. */
export type ExpressionPlace =
  'params' | 'connection' | 'notice' | 'limit' | 'sensor' | 'event' | 'events' | 'body';

export const ROOTS: Readonly<Record<ExpressionPlace, readonly string[]>> = {
  params: ['params', 'run', 'watermark', 'blocks'],
  connection: ['env'],
  notice: ['notice'],
  limit: ['params'],
  sensor: ['params', 'run', 'watermark', 'env'],
  event: ['event'],
  events: ['events'],
  body: ['body', 'headers'],
};

/** What `run.…` offers. */
export const RUN_FIELDS: readonly string[] = [
  'id',
  'pipeline',
  'scheduled_at',
  'interval_start',
  'interval_end',
];

/** What `notice.…` offers. */
export const NOTICE_FIELDS: readonly string[] = [
  'id',
  'event',
  'kind',
  'severity',
  'title',
  'message',
  'details',
  'pipeline',
  'tags',
  'run',
  'count',
];

const LONGEST = 2000;
const LIMITS = { maxAstNodes: 1000, maxDepth: 50, maxListElements: 200, maxMapEntries: 200 };

/** CEL itself refuses `2 * 1.5`. */
const ARITHMETIC: Readonly<Record<string, (a: number, b: number) => number>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
};

const ENVIRONMENTS: Readonly<Record<ExpressionPlace, Environment>> = {
  params: environment(['params', 'run', 'blocks']).registerVariable('watermark', 'dyn'),
  connection: environment(['env']),
  notice: environment(['notice']),
  limit: environment(['params']),
  sensor: environment(['params', 'run', 'env']).registerVariable('watermark', 'dyn'),
  event: environment(['event']),
  events: environment([]).registerVariable('events', 'list'),
  body: environment(['headers']).registerVariable('body', 'dyn'),
};

/** An expression that can't be used: why, and at which of its characters. */
export interface ExpressionProblem {
  readonly message: string;
  readonly offset: number;
}

export interface Expression {
  readonly references: readonly Reference[];
  /** The texts of which a name must be one for the expression to be true; undefined: it may be any. */
  textsFor(path: Reference['path']): readonly string[] | undefined;
  /** Throws an `Error` with the reason when the values do not suit. */
  evaluate(scope: Readonly<Record<string, unknown>>): unknown;
}

/** Parses and type-checks CEL. */
export function parseExpression(
  source: string,
  place: ExpressionPlace,
):
  { expression: Expression; problem?: never } | { expression?: never; problem: ExpressionProblem } {
  if (source.length > LONGEST) {
    return { problem: { message: `is longer than ${LONGEST} characters`, offset: 0 } };
  }
  const environment = ENVIRONMENTS[place];
  try {
    const parsed = environment.parse(source);
    const { valid, error } = parsed.check();
    if (!valid) return { problem: problemOf(error) };
    return {
      expression: {
        references: namesIn(parsed.ast),
        textsFor: (path) => textsFor(path, parsed.ast),
        evaluate: (scope) => evaluate(parsed, scope),
      },
    };
  } catch (error) {
    return { problem: problemOf(error) };
  }
}

function environment(maps: readonly string[]): Environment {
  const environment = new Environment({
    unlistedVariablesAreDyn: false,
    homogeneousAggregateLiterals: false,
    limits: LIMITS,
  });
  for (const name of maps) environment.registerVariable(name, 'map');
  for (const [sign, operate] of Object.entries(ARITHMETIC)) {
    const mixed = (a: bigint | number, b: bigint | number) => operate(Number(a), Number(b));
    environment.registerOperator(`int ${sign} double`, mixed);
    environment.registerOperator(`double ${sign} int`, mixed);
  }
  return environment;
}

function evaluate(parsed: ParseResult, scope: Readonly<Record<string, unknown>>): unknown {
  try {
    return parsed(scope) as unknown;
  } catch (error) {
    throw new Error(problemOf(error).message, { cause: error });
  }
}

function problemOf(error: unknown): ExpressionProblem {
  if (
    error instanceof ParseError ||
    error instanceof TypeError ||
    error instanceof EvaluationError
  ) {
    const message = error.summary.charAt(0).toLowerCase() + error.summary.slice(1);
    return { message, offset: error.range?.start ?? 0 };
  }
  return { message: error instanceof Error ? error.message : String(error), offset: 0 };
}
