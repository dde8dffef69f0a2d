import {
  markOf,
  writeStack,
  type ComponentEntry,
  type ComponentState,
  type Stack,
} from './stack-file.ts';

export interface StackRecord {
  set(part: Partial<Stack>): Stack;
  setComponent(name: string, state: ComponentState, pid?: number): void;
  /** Waits for what is still being written. */
  settle(): Promise<void>;
}

/** What this supervisor knows of its stack; each change is written down, one after the other. */
export async function openStackRecord(home: string): Promise<StackRecord> {
  let stack: Stack = {
    state: 'starting',
    supervisor: await markOf(process.pid),
    ...{ api: '', temporal: '', temporalUi: '', databaseUrl: '', components: [] },
  };
  let writing = writeStack(home, stack);
  const set = (part: Partial<Stack>): Stack => {
    stack = { ...stack, ...part };
    const now = stack;
    writing = writing.catch(() => undefined).then(() => writeStack(home, now));
    return stack;
  };
  await writing;
  let changes = Promise.resolve();
  return {
    set,
    setComponent: (name, state, pid) => {
      // one after the other: finding out about a process takes a moment
      changes = changes.then(async () => {
        const mark = pid === undefined ? undefined : await markOf(pid);
        const entry: ComponentEntry = { name, state, ...(mark && { process: mark }) };
        const isKnown = stack.components.some((other) => other.name === name);
        const components = isKnown
          ? stack.components.map((other) => (other.name === name ? entry : other))
          : [...stack.components, entry];
        set({ components });
      });
    },
    settle: async () => {
      await changes;
      await writing.catch(() => undefined);
    },
  };
}
