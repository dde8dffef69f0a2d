import { isAlias, isMap, isScalar, isSeq } from 'yaml';
import type { Document as YamlTree, Node, Pair } from 'yaml';
import type { Finding } from './document.ts';

/** Where in the text a finding's key or value begins; its nearest parent's when it is not there. */
export function offsetOf(tree: YamlTree, text: string, { path, at, within }: Finding): number {
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

export function startOf(node: unknown, otherwise = 0): number {
  return (node as Node | null)?.range?.[0] ?? otherwise;
}
