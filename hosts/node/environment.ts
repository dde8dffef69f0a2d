export interface WatchedEnvironment {
  /** Whether a variable has another value now than it had at first. */
  differs(): boolean;
}

/**
 * Puts something in the place of a process's `env` that passes everything on, and notes whether anything was
 * written: to read every variable after each block takes longer than a short block.
 */
export function watchEnvironment(owner: { env: NodeJS.ProcessEnv }): WatchedEnvironment {
  const real = owner.env;
  const before = { ...real };
  let written = false;
  const watched = new Proxy<NodeJS.ProcessEnv>(real, {
    set(target, name, value) {
      written = true;
      return Reflect.set(target, name, value);
    },
    defineProperty(target, name, property) {
      written = true;
      return Reflect.defineProperty(target, name, property);
    },
    deleteProperty(target, name) {
      written = true;
      return Reflect.deleteProperty(target, name);
    },
  });
  owner.env = watched;
  return {
    differs: () => owner.env !== watched || (written && !isSame(before, real)),
  };
}

function isSame(before: NodeJS.ProcessEnv, after: NodeJS.ProcessEnv): boolean {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].every((name) => before[name] === after[name]);
}
