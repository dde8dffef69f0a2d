import type { Language } from '../plan/plan.ts';
import { Fault } from '../runtime/fault.ts';
import type { Logger } from '../runtime/log.ts';
import type { HostCommand } from './host-process.ts';
import { startHost, type BlockRequest, type Host, type HostDone, type HostIo } from './host.ts';
import { createTurns } from './turns.ts';

const IDLE_MS = 60_000;
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
  const waiting: Record<Language, Host[]> = { python: [], typescript: [] };
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
    const host = take(language) ?? (await startUnlessAborted(language, io));
    try {
      return await host.run(request, io);
    } finally {
      giveBack(language, host);
    }
  }

  /** A host that nobody waits for any more is still welcome to the next block. */
  async function startUnlessAborted(
    language: Language,
    { signal = new AbortController().signal, onLog }: HostIo,
  ): Promise<Host> {
    const starting = start(language, (line) => {
      if (!signal.aborted) onLog('info', line);
    });
    const first = await Promise.race([starting, aborted(signal)]);
    if (first !== 'aborted') return first;
    starting.then(
      (host) => {
        giveBack(language, host);
      },
      () => undefined,
    );
    throw signal.reason as Error;
  }

  function take(language: Language): Host | undefined {
    for (let host = waiting[language].pop(); host; host = waiting[language].pop()) {
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
    waiting[language].push(host);
    const retire = (): void => {
      if (waiting[language].length === 1) return;
      waiting[language] = waiting[language].filter((other) => other !== host);
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

function aborted(signal: AbortSignal): Promise<'aborted'> {
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => {
      resolve('aborted');
    });
    if (signal.aborted) resolve('aborted');
  });
}
