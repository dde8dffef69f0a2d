import type { Check } from '../check.ts';
import type { Finding } from '../document.ts';
import type { ParamDefinition } from '../param.ts';
import { paramValueProblem } from '../param-value.ts';

const NUMBERS = new Set(['integer', 'number']);
const TEXTS = new Set(['string', 'date']);

/** What a param says of itself makes sense, and its default obeys it. */
export const checkParams: Check = ({ definition }) =>
  Object.entries(definition.params).flatMap(([name, param]) =>
    [...rules(param), ...values(name, param)].map((finding) => ({
      ...finding,
      path: ['params', name, ...finding.path],
    })),
  );

function rules({ type, pattern, minimum, maximum }: ParamDefinition): Finding[] {
  const findings: Finding[] = [];
  const misplaced = (key: string, what: string): void => {
    const message = `"${key}" is for ${what}, and this param is of type ${type}`;
    findings.push({ path: [key], at: 'key', code: 'key.misplaced', message });
  };
  if (pattern !== undefined && !TEXTS.has(type)) misplaced('pattern', 'text');
  if (minimum !== undefined && !NUMBERS.has(type)) misplaced('minimum', 'numbers');
  if (maximum !== undefined && !NUMBERS.has(type)) misplaced('maximum', 'numbers');
  if (minimum !== undefined && maximum !== undefined && minimum > maximum) {
    const message = `"maximum" is below the minimum of ${minimum}`;
    findings.push({ path: ['maximum'], code: 'param.invalid', message });
  }
  const reason = pattern === undefined ? null : patternProblem(pattern);
  if (reason) findings.push({ path: ['pattern'], code: 'pattern.invalid', message: reason });
  return findings;
}

function values(name: string, param: ParamDefinition): Finding[] {
  const { pattern, enum: choices, ...rest } = param;
  const sound = pattern !== undefined && patternProblem(pattern) === null ? { pattern } : {};
  const checked = { ...rest, ...sound };
  const findings = (choices ?? []).flatMap((value, index): Finding[] => {
    const problem = paramValueProblem(checked, value);
    if (problem === null) return [];
    return [
      { path: ['enum', index], code: 'param.invalid', message: `a choice of "${name}" ${problem}` },
    ];
  });
  if (param.default === undefined) return findings;
  if (param.default === null && param.required === false) return findings;
  const problem = paramValueProblem(
    { ...checked, ...(choices && { enum: choices }) },
    param.default,
  );
  if (problem === null) return findings;
  const message = `the default of "${name}" ${problem}`;
  return [...findings, { path: ['default'], code: 'param.invalid', message }];
}

function patternProblem(pattern: string): string | null {
  try {
    new RegExp(pattern, 'u');
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
