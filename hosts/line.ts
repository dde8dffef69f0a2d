import type { Host, HostIo } from './host.ts';

/** Blocks that wait for a host, in the order in which they came. */
export interface Line {
  readonly size: number;
  /** How many of them have run out of patience. */
  readonly overdue: number;
  /** Rejects with the signal's reason when it aborts first. */
  join(io: HostIo): Promise<Host>;
  /** Hands a host to the first of them. */
  serve(host: Host): void;
  /** Logs what a host needs before it can be used. */
  readonly tell: (text: string) => void;
  /** Sends away those that have run out of patience, or all. */
  fail(error: Error, who: 'all' | 'overdue'): void;
}

interface Place {
  isOverdue: boolean;
  readonly io: HostIo;
  readonly enter: (host: Host) => void;
  readonly leave: (error: Error) => void;
}

/** `onOverdue` is called whenever one of them has waited for so many milliseconds more. */
export function createLine(patienceMs: number, onOverdue: () => void): Line {
  const places = new Set<Place>();
  const overdue = () => [...places].filter(({ isOverdue }) => isOverdue);

  return {
    get size() {
      return places.size;
    },
    get overdue() {
      return overdue().length;
    },

    join(io) {
      return new Promise((resolve, reject) => {
        const settle = (): void => {
          places.delete(place);
          clearInterval(timer);
          io.signal?.removeEventListener('abort', abort);
        };
        const place: Place = {
          isOverdue: false,
          io,
          enter(host) {
            settle();
            resolve(host);
          },
          leave(error) {
            settle();
            reject(error);
          },
        };
        const abort = (): void => {
          place.leave(io.signal?.reason as Error);
        };
        const timer = eachTime(patienceMs, () => {
          if (!places.has(place)) return;
          place.isOverdue = true;
          onOverdue();
        });
        places.add(place);
        io.signal?.addEventListener('abort', abort, { once: true });
        if (io.signal?.aborted) abort();
      });
    },

    serve(host) {
      const [first] = places;
      first?.enter(host);
    },

    tell(text) {
      for (const { io } of places) io.onLog('info', text);
    },

    fail(error, who) {
      for (const place of who === 'all' ? [...places] : overdue()) place.leave(error);
    },
  };
}

/** A busy worker's timers are late, and hosts may have answered meanwhile: they are heard first. */
function eachTime(ms: number, act: () => void): NodeJS.Timeout {
  return setInterval(() => setImmediate(act), ms);
}
