import { condition, defineSignal, setHandler, workflowInfo } from '@temporalio/workflow';
import type { PooledState, SensorState, WaitStates } from './activities.ts';
import { SLOTS_SIGNAL } from './turns.ts';

const slots = defineSignal<[string]>(SLOTS_SIGNAL);

/** What a block that only waits ends with, when its run is to go on in a new history. */
export class PutOff extends Error {
  readonly state: SensorState | PooledState;

  constructor(state: SensorState | PooledState) {
    super('The run goes on in a new history');
    this.state = state;
  }
}

/** How far the blocks of a run have come that wait, and who of them was called. */
export class Waits {
  private readonly states: Map<string, SensorState | PooledState>;
  private readonly called = new Set<string>();
  /** Sensors that look now, and how each is put off. */
  private readonly looking = new Map<string, () => void>();

  constructor(states: WaitStates = {}) {
    this.states = new Map(Object.entries(states));
  }

  /** Calls are heard from now on. */
  listen(): void {
    setHandler(slots, (block) => {
      this.called.add(block);
    });
  }

  /** What an earlier history left of this block; it is asked for once. */
  take(block: string): SensorState | PooledState | undefined {
    const state = this.states.get(block);
    this.states.delete(block);
    return state;
  }

  keep(block: string, state: SensorState | PooledState): void {
    this.states.set(block, state);
  }

  get carried(): WaitStates | undefined {
    return this.states.size === 0 ? undefined : Object.fromEntries(this.states);
  }

  beginToLook(sensor: string, putOff: () => void): void {
    this.looking.set(sensor, putOff);
  }

  endToLook(sensor: string): void {
    this.looking.delete(sensor);
  }

  /** When nothing but sensors runs any more they give way to a new history. Until then they go on looking. */
  giveWay(running: ReadonlySet<string>): void {
    if (running.size > this.looking.size) return;
    for (const putOff of this.looking.values()) putOff();
  }

  /** Waits for a call to the block, but no longer than this. */
  async untilCalled(block: string, ms: number, summary: string): Promise<void> {
    await condition(() => this.called.has(block) || isLong(), ms, { summary });
    this.called.delete(block);
  }
}

/** Waits as long as that, or until the run is to go on in a new history. */
export async function pauseFor(ms: number, summary: string): Promise<void> {
  if (ms > 0) await condition(isLong, ms, { summary });
}

export function isLong(): boolean {
  return workflowInfo().continueAsNewSuggested;
}
