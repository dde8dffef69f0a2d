/** Names, and for each of them the names that it waits for. */
export type Graph = ReadonlyMap<string, readonly string[]>;

/**
 * The names so that each comes after all that it waits for, level by level; undefined when there is
 * a cycle. Names that the map does not hold don't count.
 */
export function inOrderOf(graph: Graph): string[] | undefined {
  const order = reachable(graph);
  return order.length === graph.size ? order : undefined;
}

/** Cycles that share no name, each starting at the name that stands first in the map. */
export function cyclesIn(graph: Graph): string[][] {
  const cycles: string[][] = [];
  let rest = withoutEnds(graph);
  while (rest.size > 0) {
    const cycle = cycleFrom(rest);
    cycles.push(startingFirst(cycle, graph));
    rest = withoutEnds(without(rest, cycle));
  }
  return cycles;
}

/** Leaves out what a cycle does not wait for, and what waits for none. */
function withoutEnds(graph: Graph): Graph {
  const rest = without(graph, reachable(graph));
  return without(rest, reachable(followersIn(rest)));
}

function without(graph: Graph, names: readonly string[]): Graph {
  const gone = new Set(names);
  return new Map([...graph].filter(([name]) => !gone.has(name)));
}

/** What can be reached without entering a cycle. */
function reachable(graph: Graph): string[] {
  const followers = followersIn(graph);
  const waiting = new Map([...graph].map(([name, after]) => [name, known(graph, after).length]));
  const order = [...graph.keys()].filter((name) => waiting.get(name) === 0);
  for (const name of order) {
    for (const follower of followers.get(name) ?? []) {
      const left = (waiting.get(follower) ?? 0) - 1;
      waiting.set(follower, left);
      if (left === 0) order.push(follower);
    }
  }
  return order;
}

/** Every name that is left waits for another that is left, so following them must come back. */
function cycleFrom(graph: Graph): string[] {
  const path: string[] = [];
  const places = new Map<string, number>();
  let name = graph.keys().next().value;
  while (name !== undefined && !places.has(name)) {
    places.set(name, path.length);
    path.push(name);
    name = (graph.get(name) ?? []).find((other) => graph.has(other));
  }
  return path.slice(places.get(name ?? '') ?? 0);
}

function startingFirst(cycle: string[], graph: Graph): string[] {
  const members = new Set(cycle);
  const first = [...graph.keys()].find((name) => members.has(name)) ?? '';
  const at = cycle.indexOf(first);
  return [...cycle.slice(at), ...cycle.slice(0, at)];
}

function followersIn(graph: Graph): Map<string, string[]> {
  const followers = new Map<string, string[]>([...graph.keys()].map((name) => [name, []]));
  for (const [name, after] of graph) {
    for (const other of known(graph, after)) followers.get(other)?.push(name);
  }
  return followers;
}

function known(graph: Graph, names: readonly string[]): string[] {
  return [...new Set(names)].filter((name) => graph.has(name));
}
