declare global {
  interface ErrorConstructor {
    stackTraceLimit: number;
  }
}

/**
 * Loaded once for each worker, before the SDK freezes what workflows share. The SDK takes a stack trace of every
 * promise, for the Web UI's "Call Stack": that was 30 % of the workflow thread's time, to show lines of this
 * interpreter where a run's details show its blocks. One frame is enough to say where an error was thrown.
 */
Error.stackTraceLimit = 1;

export {};
