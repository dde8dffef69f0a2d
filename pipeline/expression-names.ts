import type { ASTNode } from '@marcbachmann/cel-js';

/** A name that an expression reads, such as `['params', 'month']`. */
export interface Reference {
  readonly path: readonly string[];
  readonly offset: number;
}

/** The longest chains of names: `blocks.a.value` once, and not `blocks` and `blocks.a` too. */
export function namesIn(ast: ASTNode): Reference[] {
  const references: Reference[] = [];
  collect(ast, references);
  return references;
}

/**
 * The texts of which a name must be one for the expression to be true; undefined: it may be any, as far as
 * comparisons with texts, joined by `&&` and `||`, tell.
 */
export function textsFor(path: Reference['path'], node: ASTNode): readonly string[] | undefined {
  if (node.op === '==') {
    const [one, other] = node.args;
    if (isName(path, one)) return textsOf([other]);
    return isName(path, other) ? textsOf([one]) : undefined;
  }
  if (node.op === 'in') {
    const [name, list] = node.args;
    return isName(path, name) && list.op === 'list' ? textsOf(list.args) : undefined;
  }
  if (node.op !== '&&' && node.op !== '||') return undefined;
  const [one, other] = node.args.map((side) => textsFor(path, side));
  if (node.op === '&&') return one ?? other;
  return one && other && [...one, ...other];
}

function isName(path: Reference['path'], node: ASTNode): boolean {
  return chainOf(node)?.join('\0') === path.join('\0');
}

function textsOf(nodes: readonly ASTNode[]): string[] | undefined {
  const texts = nodes.flatMap((node) => literalOf(node) ?? []);
  return texts.length === nodes.length ? texts : undefined;
}

function collect(node: unknown, references: Reference[]): void {
  if (Array.isArray(node)) {
    for (const item of node) collect(item, references);
  } else if (isNode(node)) {
    const path = chainOf(node);
    if (path) references.push({ path, offset: node.start });
    else collect(node.args, references);
  }
}

function chainOf(node: ASTNode): string[] | undefined {
  if (node.op === 'id') return [node.args];
  if (node.op !== '.' && node.op !== '[]') return undefined;
  const parent = chainOf(node.args[0]);
  const key = node.op === '.' ? node.args[1] : literalOf(node.args[1]);
  return parent && key !== undefined ? [...parent, key] : undefined;
}

function literalOf(node: ASTNode): string | undefined {
  return node.op === 'value' && typeof node.args === 'string' ? node.args : undefined;
}

function isNode(value: unknown): value is ASTNode {
  return typeof value === 'object' && value !== null && 'op' in value && 'args' in value;
}
