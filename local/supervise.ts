import { setTimeout as wait } from 'node:timers/promises';
import { Fault, messageOf } from '../runtime/fault.ts';
import type { Running } from './process.ts';
import type { ComponentState } from './stack-file.ts';

/** One process of the stack, and how to have it again. */
export interface Component {
  readonly name: string;
  start: (signal: AbortSignal) => Promise<Running>;
  /** Left out: it does its work as soon as it has started. */
  isReady?: (running: Running) => Promise<boolean>;
}

export interface Supervised {
  /** Rejects when it ends before it was ever ready; it is not started again then. */
  readonly ready: Promise<void>;
  stop: () => Promise<void>;
}

export interface Witness {
  changed(state: ComponentState, running?: Running): void;
  say(line: string): void;
}

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 10_000;
/** Who lived that long starts over with the shortest pause. */
const STEADY_MS = 30_000;
const POLL_MS = 100;

/** Starts a component, and starts it again whenever it ends, with growing pauses. */
export function supervise(component: Component, witness: Witness): Supervised {
  const { name } = component;
  const stopping = new AbortController();
  const { signal } = stopping;
  const isStopping = () => signal.aborted;
  let current: Promise<Running> | undefined;

  const begin = async (): Promise<Running> => {
    current = component.start(signal);
    const running = await current;
    witness.changed('starting', running);
    await untilReady(component, running, signal);
    witness.changed('running', running);
    return running;
  };
  const first = begin();
  const life = first.then(keepAlive, () => undefined);

  async function keepAlive(initial: Running): Promise<void> {
    let running: Running | undefined = initial;
    let pause = FIRST_PAUSE_MS;
    for (;;) {
      const since = Date.now();
      let how = '';
      try {
        running ??= await begin();
        how = `ended: ${await running.exited}`;
      } catch (error) {
        how = `did not start: ${messageOf(error)}`;
      }
      if (isStopping()) return;
      running = undefined;
      witness.changed('restarting');
      pause =
        Date.now() - since > STEADY_MS ? FIRST_PAUSE_MS : Math.min(pause * 2, LONGEST_PAUSE_MS);
      witness.say(`${name} ${how}; starting it again`);
      await wait(pause, undefined, { signal }).catch(() => undefined);
      if (isStopping()) return;
    }
  }

  return {
    ready: first.then(() => undefined),
    stop: async () => {
      stopping.abort();
      const running = await current?.catch(() => undefined);
      await running?.stop();
      await life;
      witness.changed('stopped');
    },
  };
}

async function untilReady({ name, isReady }: Component, running: Running, signal: AbortSignal) {
  if (!isReady) return;
  let ended: string | undefined;
  void running.exited.then((how) => (ended = how));
  while (!(await isReady(running))) {
    if (ended !== undefined) throw new Fault('stack.failed', `${name} ended early: ${ended}`);
    await wait(POLL_MS, undefined, { signal });
  }
}
