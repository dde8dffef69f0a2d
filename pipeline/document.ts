import { isMap, isScalar, parseDocument, visit } from 'yaml';
import type { Document as YamlTree, YAMLError } from 'yaml';
import type { DefinitionError } from './definition-error.ts';
import { decode } from './text.ts';
import { offsetOf, startOf } from './yaml-offset.ts';

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
  if (error) return { file, value: undefined, errors: [error], blame: blamesIn(file, '') };

  const blame = blamesIn(file, text);
  const { value, failures } = parse(text);
  const errors = failures.map((failure) => errorAt(file, text, failure));
  return { file, value, errors, blame };
}

interface Failure {
  readonly offset: number;
  readonly code: string;
  readonly message: string;
}

interface Parsed {
  readonly value: Readonly<Record<string, unknown>> | undefined;
  readonly failures: readonly Failure[];
}

const OPTIONS = {
  merge: true,
  prettyErrors: false,
  resolveKnownTags: false,
  stringKeys: true,
} as const;

function parse(text: string): Parsed {
  try {
    const tree = parseDocument(text, OPTIONS);
    const failures = [...tree.errors, ...tree.warnings].map(toFailure);
    const broken = failures.some(({ code }) => code !== 'yaml.duplicate_key');
    const alias = broken || !text.includes('*') ? [] : unresolvedAliases(tree);
    if (broken || alias.length > 0) return { value: undefined, failures: [...failures, ...alias] };
    if (!isMap(tree.contents)) return { value: undefined, failures: [noMap(tree)] };
    const value = tree.toJS({ maxAliasCount: 1000 }) as Record<string, unknown>;
    return { value, failures: [...failures, ...prototypeKeys(tree, text)] };
  } catch (error) {
    const reason = error instanceof Error ? error.message : '';
    const message = /alias/i.test(reason)
      ? 'its aliases multiply to far too many values'
      : 'is nested too deeply';
    return { value: undefined, failures: [{ offset: 0, code: 'yaml.too_large', message }] };
  }
}

function noMap({ contents }: YamlTree): Failure {
  if (contents === null || (isScalar(contents) && contents.value === null)) {
    return { offset: 0, code: 'yaml.empty', message: 'the file is empty' };
  }
  const message = 'the file must be a map of keys to values';
  return { offset: startOf(contents), code: 'yaml.not_a_map', message };
}

/** `toJS` throws on an alias without its anchor, and does not say where it stands. */
function unresolvedAliases(tree: YamlTree): Failure[] {
  const failures: Failure[] = [];
  visit(tree, {
    Alias(_key, node) {
      if (node.resolve(tree)) return;
      const message = `there is no anchor &${node.source} before this alias`;
      failures.push({ offset: startOf(node), code: 'yaml.invalid', message });
    },
  });
  return failures;
}

function prototypeKeys(tree: YamlTree, text: string): Failure[] {
  const failures: Failure[] = [];
  if (!text.includes('__proto__')) return failures;
  const message = '"__proto__" is a reserved name: choose another';
  visit(tree, {
    Pair(_key, { key }) {
      if (!isScalar(key) || key.value !== '__proto__') return;
      failures.push({ offset: startOf(key), code: 'name.reserved', message });
    },
  });
  return failures;
}

/** Keeps the text alone, and parses it again for the few files that are wrong: trees are large. */
function blamesIn(file: string, text: string): Document['blame'] {
  let tree: YamlTree | undefined;
  return (finding) => {
    tree ??= parseDocument(text, OPTIONS);
    return errorAt(file, text, { ...finding, offset: offsetOf(tree, text, finding) });
  };
}

function errorAt(file: string, text: string, { offset, code, message }: Failure): DefinitionError {
  const at = Math.min(offset, text.length);
  const start = text.slice(0, at).lastIndexOf('\n') + 1;
  const end = text.indexOf('\n', at);
  const excerpt = text.slice(start, end < 0 ? undefined : end).trimEnd();
  const line = text.slice(0, start).split('\n').length;
  return { file, line, column: at - start + 1, code, message, excerpt };
}

function toFailure(issue: YAMLError): Failure {
  return { offset: issue.pos[0], code: codeOf(issue), message: messageOf(issue) };
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
