/** Lets a fixed number of holders in at once, in the order in which they asked. */
export interface Turns {
  /** Rejects with the signal's reason when it aborts before a turn is free. */
  take(signal?: AbortSignal): Promise<void>;
  give(): void;
}

export function createTurns(count: number): Turns {
  let free = count;
  const queue = new Set<() => void>();

  return {
    async take(signal) {
      signal?.throwIfAborted();
      if (free > 0) {
        free -= 1;
        return;
      }
      await new Promise<void>((resolve, reject) => {
        const enter = (): void => {
          signal?.removeEventListener('abort', leave);
          resolve();
        };
        const leave = (): void => {
          queue.delete(enter);
          reject(signal?.reason as Error);
        };
        signal?.addEventListener('abort', leave, { once: true });
        queue.add(enter);
      });
    },
    give() {
      const [next] = queue;
      if (next) {
        queue.delete(next);
        next();
      } else free += 1;
    },
  };
}
