import { LineCounter, isAlias, isMap, isScalar, isSeq, parseDocument, visit } from 'yaml';
import type { Document as YamlTree, Node, Pair, YAMLError } from 'yaml';
import type { DefinitionError } from './definition-error.ts';
import { decode } from './text.ts';

export type Path = readonly (string | number)[];

/** What a check found: a place in the document instead of a line. */
export interface Finding {
  readonly path: Path;
  /** Whether the key or its value is to blame; the value when left out. */
  readonly at?: 'key' | 'value';
  /** Blames this text inside the value. */
  readonly within?: string;
  readonly code: string;
  readonly message: string;
}

/** A YAML file whose values know where they stand. */
export interface Document {
  readonly file: string;
  /** Undefined when the file can't be used at all; `errors` say why. */
  readonly value: Readonly<Record<string, unknown>> | undefined;
  readonly errors: readonly DefinitionError[];
  readonly blame: (finding: Finding) => DefinitionError;
}

/** Parses one definition file. Whatever its bytes are, the answer is a document, never an exception. */
export function readDocument(file: string, bytes: Uint8Array | Error): Document {
  const { text, error } = decode(file, bytes);
  if (error) return unusable(file, [error]);

  const lines = new LineCounter();
  const error_ = (offset: number, code: string, message: string): DefinitionError => {
    const { line, col } = lines.linePos(Math.min(offset, text.length));
    const start = lines.lineStarts[line - 1] ?? 0;
    const excerpt = text.slice(start, lines.lineStarts[line] ?? text.length).trimEnd();
    return { file, line: Math.max(line, 1), column: Math.max(col, 1), code, message, excerpt };
  };

  const parsed = parse(text, lines);
  if (parsed.failure) return unusable(file, [error_(...parsed.failure)]);
  const { tree, value } = parsed;
  const found = [...tree.errors, ...tree.warnings].map((issue) =>
    error_(issue.pos[0], codeOf(issue), messageOf(issue)),
  );
  const broken = found.some(({ code }) => code !== 'yaml.duplicate_key');
  if (broken) return unusable(file, found);
  if (value === null || value === undefined) {
    return unusable(file, [error_(0, 'yaml.empty', 'the file is empty')]);
  }
  if (!isMap(tree.contents)) {
    const message = 'the file must be a map of keys to values';
    return unusable(file, [error_(startOf(tree.contents), 'yaml.not_a_map', message)]);
  }
  return {
    file,
    value: value as Record<string, unknown>,
    errors: [...found, ...prototypeKeys(tree, text).map((at) => error_(at, ...PROTOTYPE_KEY))],
    blame: (finding) => error_(offsetOf(tree, text, finding), finding.code, finding.message),
  };
}

const PROTOTYPE_KEY = ['name.reserved', '"__proto__" is a reserved name: choose another'] as const;

type Failure = [offset: number, code: string, message: string];

function parse(
  text: string,
  lineCounter: LineCounter,
): { tree: YamlTree; value: unknown; failure?: never } | { failure: Failure } {
  const options = { lineCounter, prettyErrors: false, stringKeys: true, merge: true } as const;
  try {
    const tree = parseDocument(text, options);
    const unresolved = tree.errors.length > 0;
    const alias = unresolved ? undefined : unresolvedAlias(tree);
    if (alias) return { failure: [...alias] };
    return { tree, value: unresolved ? null : (tree.toJS({ maxAliasCount: 1000 }) as unknown) };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (/alias/i.test(message)) {
      return { failure: [0, 'yaml.too_large', 'its aliases multiply to far too many values'] };
    }
    return { failure: [0, 'yaml.too_large', 'is nested too deeply'] };
  }
}

/** `toJS` throws on an alias without its anchor, and does not say where it stands. */
function unresolvedAlias(tree: YamlTree): Failure | undefined {
  let found: Failure | undefined;
  visit(tree, {
    Alias(_key, node) {
      if (node.resolve(tree)) return undefined;
      found = [startOf(node), 'yaml.invalid', `no anchor &${node.source} before this alias`];
      return visit.BREAK;
    },
  });
  return found;
}

function prototypeKeys(tree: YamlTree, text: string): number[] {
  const offsets: number[] = [];
  if (!text.includes('__proto__')) return offsets;
  visit(tree, {
    Pair(_key, pair) {
      if (isScalar(pair.key) && pair.key.value === '__proto__') offsets.push(startOf(pair.key));
    },
  });
  return offsets;
}

function offsetOf(tree: YamlTree, text: string, { path, at, within }: Finding): number {
  let node: unknown = tree.contents;
  let key: unknown = tree.contents;
  for (const step of path) {
    const next = stepInto(tree, node, step);
    if (!next) break;
    [key, node] = next;
  }
  if (at === 'key') return startOf(key);
  const start = startOf(node, startOf(key));
  if (within === undefined) return start;
  const inside = text.indexOf(within, start);
  const end = (node as Node | null)?.range?.[1] ?? start;
  return inside >= 0 && inside < end ? inside : start;
}

/** The key and value nodes one step down, through aliases and merged maps. */
function stepInto(
  tree: YamlTree,
  parent: unknown,
  step: string | number,
): [unknown, unknown] | undefined {
  const node = isAlias(parent) ? parent.resolve(tree) : parent;
  if (isSeq(node)) {
    const item = node.items[Number(step)];
    return item === undefined ? undefined : [item, item];
  }
  if (!isMap(node)) return undefined;
  const pair = node.items.find((item) => keyText(item) === String(step));
  if (pair) return [pair.key, pair.value ?? pair.key];
  const merged = node.items.find((item) => keyText(item) === '<<');
  return merged && stepInto(tree, merged.value, step);
}

function keyText(pair: Pair): unknown {
  return isScalar(pair.key) ? String(pair.key.value) : undefined;
}

function startOf(node: unknown, otherwise = 0): number {
  return (node as Node | null)?.range?.[0] ?? otherwise;
}

function unusable(file: string, errors: readonly DefinitionError[]): Document {
  const blame = ({ code, message }: Finding): DefinitionError => ({
    file,
    line: 1,
    column: 1,
    code,
    message,
    excerpt: '',
  });
  return { file, value: undefined, errors, blame };
}

function codeOf({ code }: YAMLError): string {
  if (code === 'DUPLICATE_KEY') return 'yaml.duplicate_key';
  if (code === 'MULTIPLE_DOCS') return 'yaml.many_documents';
  if (code === 'TAB_AS_INDENT') return 'yaml.tab';
  if (code === 'RESOURCE_EXHAUSTION') return 'yaml.too_large';
  return 'yaml.invalid';
}

function messageOf({ code, message }: YAMLError): string {
  if (code === 'DUPLICATE_KEY') return 'this key stands here twice';
  if (code === 'MULTIPLE_DOCS') return 'the file holds more than one document: write one a file';
  if (code === 'TAB_AS_INDENT') return 'indent with spaces, not with tabs';
  return message;
}
