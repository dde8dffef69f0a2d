import { isRecord } from '../../runtime/json.ts';

/** A node of a parser's tree. What a parser of another version says otherwise reads as left out. */
export type Node = Readonly<Record<string, unknown>>;

export function nodeIn(node: Node | undefined, key: string): Node | undefined {
  const value = node?.[key];
  return isRecord(value) ? value : undefined;
}

export function nodesIn(node: Node | undefined, key: string): Node[] {
  const value = node?.[key];
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

export function textIn(node: Node | undefined, key: string): string | undefined {
  const value = node?.[key];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

export function textsIn(node: Node | undefined, key: string): string[] {
  const value = node?.[key];
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}

/**
 * Every node of a tree, from the top down. `enter` says whether to go on below a node.
 */
export function visit(value: unknown, enter: (node: Node) => boolean): void {
  if (Array.isArray(value)) for (const each of value) visit(each, enter);
  else if (isRecord(value) && enter(value))
    for (const each of Object.values(value)) visit(each, enter);
}
