import {
  markOf,
  writeStack,
  type ComponentEntry,
  type ComponentState,
  type Stack,
} from './stack-file.ts';

export interface StackRecord {
  set(part: Partial<Stack>): Stack;
  setComponent(name: string, state: ComponentState, pid?: number): Promise<void>;
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
  return {
    set,
    setComponent: async (name, state, pid) => {
      const mark = pid === undefined ? undefined : await markOf(pid);
      const entry: ComponentEntry = { name, state, ...(mark && { process: mark }) };
      const isKnown = stack.components.some((other) => other.name === name);
      const components = isKnown
        ? stack.components.map((other) => (other.name === name ? entry : other))
        : [...stack.components, entry];
      set({ components });
    },
    settle: () => writing.catch(() => undefined),
  };
}
