import type { Language } from '../plan/plan.ts';
import { Fault } from '../runtime/fault.ts';
import type { Logger } from '../runtime/log.ts';
import type { HostCommand } from './host-process.ts';
import { startHost, type BlockRequest, type Host, type HostDone, type HostIo } from './host.ts';
import { createTurns } from './turns.ts';

const IDLE_MS = 60_000;
/** About what a start takes: most blocks are done before, and then their host takes the next one. */
const PATIENCE_MS = 150;
const RUNS = 5_000;
const MEMORY_BYTES = 1024 * 1024 * 1024;

/**
 * How the hosts of one language are started; asked again for each host, so it should remember. It tells
 * what takes it long.
 */
export type StartWith = (tell: (line: string) => void) => HostCommand | Promise<HostCommand>;

export interface HostPoolOptions {
  readonly commands: Readonly<Record<Language, StartWith>>;
  /** How many blocks run at once. */
  readonly max: number;
  /** How long a host waits for its next block. The last one of its language stays. */
  readonly idleMs?: number;
  readonly log?: Logger;
}

/** Warm hosts, one set a language. */
export interface HostPool {
  /** Its time begins when there is a host for it. */
  run(language: Language, request: BlockRequest, io: HostIo): Promise<HostDone>;
  /** Starts a host before anybody asks for it. Failing to is for the first `run` to report. */
  warm(language: Language): Promise<void>;
  /** Ends every host, busy or not. */
  close(): Promise<void>;
}

export function createHostPool({
  commands,
  max,
  idleMs = IDLE_MS,
  log,
}: HostPoolOptions): HostPool {
  const turns = createTurns(max);
  const all = new Set<Host>();
  const idle: Record<Language, Host[]> = { python: [], typescript: [] };
  const busy: Record<Language, number> = { python: 0, typescript: 0 };
  const waiting: Record<Language, Set<(host: Host) => void>> = {
    python: new Set(),
    typescript: new Set(),
  };
  const timers = new Map<Host, NodeJS.Timeout>();
  let closed = false;

  return {
    async run(language, request, io) {
      await turns.take(io.signal);
      try {
        return await runInHost(language, request, io);
      } finally {
        turns.give();
      }
    },

    async warm(language) {
      try {
        giveBack(language, await start(language, () => undefined));
      } catch (error) {
        log?.warn({ err: error, language }, 'host not warmed');
      }
    },

    async close() {
      closed = true;
      await Promise.all([...all].map((host) => host.close()));
    },
  };

  async function runInHost(
    language: Language,
    request: BlockRequest,
    io: HostIo,
  ): Promise<HostDone> {
    const host = take(language) ?? (await nextHost(language, io));
    busy[language] += 1;
    try {
      return await host.run(request, io);
    } finally {
      busy[language] -= 1;
      giveBack(language, host);
    }
  }

  /** One that is given back, or a new one, whichever comes first: the other is welcome to the next block. */
  function nextHost(language: Language, { signal, onLog }: HostIo): Promise<Host> {
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        waiting[language].delete(enter);
        clearTimeout(growing);
        signal?.removeEventListener('abort', leave);
      };
      const enter = (host: Host): void => {
        settle();
        resolve(host);
      };
      const fail = (error: Error): void => {
        settle();
        reject(error);
      };
      const leave = (): void => {
        fail(signal?.reason as Error);
      };
      const grow = (): void => {
        const tell = (line: string) => {
          if (waiting[language].has(enter)) onLog('info', line);
        };
        start(language, tell).then((host) => {
          if (waiting[language].has(enter)) enter(host);
          else giveBack(language, host);
        }, fail);
      };
      const growing = setTimeout(grow, busy[language] > 0 ? PATIENCE_MS : 0);
      waiting[language].add(enter);
      signal?.addEventListener('abort', leave, { once: true });
      if (signal?.aborted) leave();
    });
  }

  function take(language: Language): Host | undefined {
    for (let host = idle[language].pop(); host; host = idle[language].pop()) {
      clearTimeout(timers.get(host));
      timers.delete(host);
      if (host.usable) return host;
      void end(host);
    }
    return undefined;
  }

  async function start(language: Language, tell: (line: string) => void): Promise<Host> {
    const host = await startHost(await commands[language](tell));
    log?.debug({ pid: host.pid, language }, 'host started');
    all.add(host);
    if (!closed) return host;
    await end(host);
    throw new Fault('host.lost', 'The worker stopped before the block could run');
  }

  function giveBack(language: Language, host: Host): void {
    const worn = host.runs >= RUNS || host.peakMemoryBytes > MEMORY_BYTES;
    if (closed || !host.usable || worn) {
      void end(host);
      return;
    }
    const [enter] = waiting[language];
    if (enter) {
      enter(host);
      return;
    }
    idle[language].push(host);
    const retire = (): void => {
      if (idle[language].length === 1) return;
      idle[language] = idle[language].filter((other) => other !== host);
      void end(host);
    };
    timers.set(host, setTimeout(retire, idleMs).unref());
  }

  async function end(host: Host): Promise<void> {
    timers.delete(host);
    await host.close();
    all.delete(host);
    log?.debug({ pid: host.pid, runs: host.runs }, 'host ended');
  }
}
