/** What stands in for an error whose stack the SDK would keep with a promise. */
class Untraced {
  readonly stack = undefined;
}

/** What the SDK's hooks ask the realm of each promise that begins or ends, as code that would be compiled anew each time. */
const ANSWERS = new Map<string, () => unknown>([
  [
    'return globalThis.__TEMPORAL_ACTIVATOR__',
    () => (globalThis as { __TEMPORAL_ACTIVATOR__?: unknown }).__TEMPORAL_ACTIVATOR__,
  ],
  ['return globalThis.Error', () => Untraced],
]);

const compile = Promise.constructor as (code: string) => () => unknown;

/**
 * Loaded once for each worker, before the SDK freezes what workflows share. The SDK takes a stack trace of every
 * promise, for the Web UI's "Call Stack", to show lines of this interpreter where a run's details show its blocks: see
 * `setPromiseHook` in its `worker/src/workflow/vm-shared.ts`. It finds a promise's realm by `promise.constructor.constructor`.
 */
Object.defineProperty(Promise, 'constructor', {
  value: (code: string) => ANSWERS.get(code) ?? compile(code),
});

export {};
