import { BLOCK_KEYS } from './block.ts';
import { didYouMean } from './did-you-mean.ts';
import type { Finding, Path } from './document.ts';
import type { Issue } from './salvage.ts';
import { saidIn } from './says.ts';

/** Keys and values that belong to a later version, and what to tell who writes them today. */
const LATER: Readonly<Record<string, string>> = {
  s3: 'this version keeps artifacts in a local folder only: write type: local',
};

const WORDS: Readonly<Record<string, string>> = {
  array: 'a list',
  boolean: 'true or false',
  int: 'a whole number',
  null: 'nothing',
  number: 'a number',
  object: 'a map',
  record: 'a map',
  string: 'text',
};

const UNITS: Readonly<Record<string, string>> = { array: 'entries', string: 'characters' };

/** Our own words, code and place for what zod found. */
export function translateIssue(
  issue: Issue,
  raw: unknown,
  keysAt: (path: Path) => readonly string[],
): Finding[] {
  const path = issue.path.filter((step) => typeof step !== 'symbol');
  const value = valueAt(raw, path);

  const { code, message } = saidIn(issue.message);
  if (code !== undefined && value !== undefined) {
    return [{ path, code, message: `${quoted(path)}${message}` }];
  }
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => unknownKey([...path, key], key, keysAt(path)));
  }
  if (issue.code === 'invalid_union') return fromUnion(issue, path, value, raw, keysAt);
  if (issue.code === 'invalid_value') return [fromChoice(path, value, issue.values.map(String))];
  if (value === undefined) return [missing(path)];
  return [{ path, code: 'value.invalid', message: `${quoted(path)}${described(issue, value)}` }];
}

function unknownKey(path: Path, key: string, known: readonly string[]): Finding {
  const later = Object.hasOwn(LATER, key) ? LATER[key] : undefined;
  if (later && path.length === 1) {
    return { path, at: 'key', code: `${key}.unsupported`, message: later };
  }
  if (path.length === 3 && path[0] === 'blocks' && BLOCK_KEYS.has(key)) {
    const message = `this kind of block takes no "${key}": it takes ${known.join(', ')}`;
    return { path, at: 'key', code: 'key.misplaced', message };
  }
  if (known.includes(key)) {
    const message = `"${key}" does not go together with the other keys here: keep one or the others`;
    return { path, at: 'key', code: 'key.misplaced', message };
  }
  const hint =
    didYouMean(key, known) || (known.length > 0 ? `: known are ${known.join(', ')}` : '');
  return { path, at: 'key', code: 'key.unknown', message: `unknown key "${key}"${hint}` };
}

function fromUnion(
  issue: Extract<Issue, { code: 'invalid_union' }>,
  path: Path,
  value: unknown,
  raw: unknown,
  keysAt: (path: Path) => readonly string[],
): Finding[] {
  const kinds = 'options' in issue && Array.isArray(issue.options) ? issue.options.map(String) : [];
  if (kinds.length > 0) return [fromChoice(path, value, kinds)];
  if (value === undefined) return [missing(path)];

  const choices = issue.errors.flatMap(onlyMissingKey);
  if (choices.length > 1) {
    const message = `"${String(path.at(-1))}" needs ${choices.join(' or ')}`;
    return [{ path, at: 'key', code: 'key.missing', message }];
  }
  const fitting = issue.errors.filter((branch) => branch.every(isBelowOrKeys));
  const nearest = fitting.toSorted((a, b) => missingIn(a) - missingIn(b) || a.length - b.length)[0];
  if (!nearest) {
    const shapes = issue.errors.flat().map((inner) => describedType(inner));
    const message = `${quoted(path)}must be ${[...new Set(shapes)].join(' or ')}`;
    return [{ path, code: 'value.invalid', message }];
  }
  return nearest.flatMap((inner) =>
    translateIssue({ ...inner, path: [...path, ...inner.path] }, raw, keysAt),
  );
}

/** The key that a branch lacks, when it has no other complaint. */
function onlyMissingKey(branch: readonly Issue[]): string[] {
  const [issue, ...others] = branch;
  const missing = issue?.code === 'invalid_type' && issue.message.endsWith('received undefined');
  return missing && others.length === 0 ? issue.path.slice(0, 1).map(String) : [];
}

function isBelowOrKeys(issue: Issue): boolean {
  return issue.path.length > 0 || issue.code === 'unrecognized_keys';
}

function missingIn(branch: readonly Issue[]): number {
  return branch.filter(({ code }) => code === 'invalid_type').length;
}

function fromChoice(path: Path, value: unknown, choices: readonly string[]): Finding {
  if (value === undefined) {
    const finding = missing(path);
    return { ...finding, message: `${finding.message}: write one of ${choices.join(', ')}` };
  }
  const word = typeof value === 'string' ? value : '';
  const later = Object.hasOwn(LATER, word) ? LATER[word] : undefined;
  if (later) return { path, code: `${word}.unsupported`, message: later };
  const hint = didYouMean(word, choices);
  const message = `${quoted(path)}must be ${choices.length > 1 ? 'one of ' : ''}${choices.join(', ')}${hint}`;
  return { path, code: 'value.invalid', message };
}

function missing(path: Path): Finding {
  const message = `"${String(path.at(-1))}" is missing`;
  return { path: path.slice(0, -1), at: 'key', code: 'key.missing', message };
}

function described(issue: Issue, value: unknown): string {
  if (issue.code === 'invalid_type') return `must be ${describedType(issue)}, not ${kindOf(value)}`;
  if (issue.code === 'too_small') return `must ${sizeOf('at least', issue.minimum, issue.origin)}`;
  if (issue.code === 'too_big') return `must ${sizeOf('at most', issue.maximum, issue.origin)}`;
  return issue.message;
}

function describedType(issue: Issue): string {
  return issue.code === 'invalid_type'
    ? (WORDS[issue.expected] ?? issue.expected)
    : 'something else';
}

function sizeOf(bound: string, size: number | bigint, origin: string): string {
  const unit = Object.hasOwn(UNITS, origin) ? UNITS[origin] : undefined;
  if (unit !== undefined && bound === 'at least' && size === 1) return 'not be empty';
  return unit === undefined ? `be ${bound} ${size}` : `have ${bound} ${size} ${unit}`;
}

function kindOf(value: unknown): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  return WORDS[typeof value] ?? typeof value;
}

function quoted(path: Path): string {
  const key = path.findLast((step) => typeof step === 'string');
  return key === undefined ? '' : `"${key}" `;
}

function valueAt(raw: unknown, path: Path): unknown {
  let value = raw;
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step))
      return undefined;
    value = (value as Record<string | number, unknown>)[step];
  }
  return value;
}
