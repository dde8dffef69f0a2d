import type { Route, RouteBlock } from '../plan/route.ts';
import type { BlockState } from '../plan/run-state.ts';
import type { BlockOutput, ClosedBlock, RunError } from './activities.ts';

/** What becomes of the blocks below one that ended so. */
const BELOW: Partial<Record<BlockState, BlockState>> = {
  cancelled: 'cancelled',
  skipped: 'skipped',
};

/** Which blocks of a run wait, run or are done. Pure: the same calls give the same answers. */
export class Board {
  /** Names of the blocks that run now. */
  readonly running = new Set<string>();
  private readonly blocks = new Map<string, RouteBlock>();
  private readonly dependents = new Map<string, RouteBlock[]>();
  /** How many blocks each one still waits for. */
  private readonly missing = new Map<string, number>();
  private readonly closed = new Map<string, ClosedBlock>();
  private readonly outputs = new Map<string, BlockOutput>();
  private ready: RouteBlock[] = [];

  constructor(
    route: Route,
    closed: readonly ClosedBlock[] = [],
    outputs: Readonly<Record<string, BlockOutput>> = {},
  ) {
    for (const block of route.blocks) {
      this.blocks.set(block.name, block);
      this.missing.set(block.name, block.after.length);
      for (const name of block.after) this.dependentsOf(name).push(block);
    }
    for (const block of closed) this.closed.set(block.name, block);
    for (const [name, output] of Object.entries(outputs)) this.outputs.set(name, output);
    for (const { name, state } of closed) if (state === 'succeeded') this.release(name);
    for (const block of route.blocks) if (block.after.length === 0) this.offer(block);
  }

  /** Takes up to `limit` blocks whose turn has come; they count as running from now on. */
  take(limit: number): RouteBlock[] {
    const taken = this.ready.slice(0, Math.max(0, limit));
    this.ready = this.ready.slice(taken.length);
    for (const { name } of taken) this.running.add(name);
    return taken;
  }

  /** The outputs that a block reads. */
  inputsOf(block: RouteBlock): Record<string, BlockOutput> {
    return pick(block.inputs, this.outputs);
  }

  succeed(name: string, output: BlockOutput): void {
    const { attempt, rows, delivered } = output;
    this.end({
      name,
      state: 'succeeded',
      attempt,
      ...(rows !== null && { rows }),
      ...(delivered && { delivered }),
    });
    this.outputs.set(name, output);
    this.release(name);
  }

  /** Ends a block without success; what depends on it, near or far, can never run. */
  fail(block: ClosedBlock): void {
    this.end(block);
    const state = BELOW[block.state] ?? 'upstream_failed';
    const unreachable = [...this.dependentsOf(block.name)];
    for (const { name } of unreachable) {
      if (this.closed.has(name)) continue;
      this.closed.set(name, { name, state });
      unreachable.push(...this.dependentsOf(name));
    }
  }

  /** A block that only waits gives up its place among those that run. */
  putBack(block: RouteBlock): void {
    this.running.delete(block.name);
    this.ready.push(block);
  }

  /** Whether no block runs and none can start any more. */
  get finished(): boolean {
    return this.running.size === 0 && this.ready.length === 0;
  }

  get doneCount(): number {
    return this.closed.size;
  }

  get totalCount(): number {
    return this.blocks.size;
  }

  /** The first failure, which is the reason that the whole run fails. */
  get firstError(): RunError | undefined {
    for (const { error } of this.closed.values()) if (error) return error;
    return undefined;
  }

  get closedBlocks(): ClosedBlock[] {
    return [...this.closed.values()];
  }

  /** Every block's end; those that never started were cancelled with the run. */
  get finalBlocks(): ClosedBlock[] {
    return [...this.blocks.keys()].map(
      (name) => this.closed.get(name) ?? { name, state: 'cancelled' },
    );
  }

  /** The outputs that some block still has to read. */
  get neededOutputs(): Record<string, BlockOutput> {
    const waiting = [...this.blocks.values()].filter(({ name }) => !this.closed.has(name));
    return pick(new Set(waiting.flatMap((block) => block.inputs)), this.outputs);
  }

  kindOf(name: string): string {
    return this.blocks.get(name)?.kind ?? '';
  }

  stateOf(name: string): string {
    return this.closed.get(name)?.state ?? (this.running.has(name) ? 'running' : 'waiting');
  }

  private end(block: ClosedBlock): void {
    this.running.delete(block.name);
    this.closed.set(block.name, block);
  }

  private release(name: string): void {
    for (const block of this.dependentsOf(name)) {
      const missing = (this.missing.get(block.name) ?? 0) - 1;
      this.missing.set(block.name, missing);
      if (missing === 0) this.offer(block);
    }
  }

  private offer(block: RouteBlock): void {
    if (!this.closed.has(block.name)) this.ready.push(block);
  }

  private dependentsOf(name: string): RouteBlock[] {
    const known = this.dependents.get(name);
    if (known) return known;
    const fresh: RouteBlock[] = [];
    this.dependents.set(name, fresh);
    return fresh;
  }
}

function pick(
  names: Iterable<string>,
  outputs: ReadonlyMap<string, BlockOutput>,
): Record<string, BlockOutput> {
  const picked: Record<string, BlockOutput> = {};
  for (const name of names) {
    const output = outputs.get(name);
    if (output) picked[name] = output;
  }
  return picked;
}
