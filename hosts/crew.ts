import { availableParallelism } from 'node:os';
import type { Language } from '../plan/plan.ts';
import { Fault } from '../runtime/fault.ts';
import type { Logger } from '../runtime/log.ts';
import type { HostCommand } from './host-process.ts';
import { startHost, type BlockRequest, type Host, type HostDone, type HostIo } from './host.ts';
import { createLine } from './line.ts';

const IDLE_MS = 60_000;
/** About what a start takes: most blocks are done before, and then their host takes the next one. */
const PATIENCE_MS = 150;
/** A start keeps one busy, and so do blocks that do not wait for anything. */
const PROCESSORS = availableParallelism();
const RUNS = 5_000;
const MEMORY_BYTES = 1024 * 1024 * 1024;

/**
 * How the hosts of one language are started; asked again for each host, so it should remember. It tells
 * what takes it long.
 */
export type StartWith = (tell: (line: string) => void) => HostCommand | Promise<HostCommand>;

export interface CrewOptions {
  readonly language: Language;
  readonly startWith: StartWith;
  /** How long a host waits for its next block. The last one stays. */
  readonly idleMs?: number | undefined;
  /** How many blocks a host runs before another takes its place, once none is waiting. */
  readonly runs?: number | undefined;
  /** How long a block waits for a busy host before another is started. */
  readonly patienceMs?: number | undefined;
  readonly log?: Logger | undefined;
}

/** The warm hosts of one language, no more of them than its blocks need. */
export interface Crew {
  /** The block's time begins when there is a host for it. */
  run(request: BlockRequest, io: HostIo): Promise<HostDone>;
  /** Starts a host before anybody asks for it. Failing to is for the first `run` to report. */
  warm(): Promise<void>;
  /** Ends every host, busy or not. */
  close(): Promise<void>;
}

export function createCrew({
  language,
  startWith,
  idleMs = IDLE_MS,
  runs = RUNS,
  patienceMs = PATIENCE_MS,
  log,
}: CrewOptions): Crew {
  const line = createLine(patienceMs, grow);
  const starts = new Set<Promise<void>>();
  const all = new Set<Host>();
  let idle: Host[] = [];
  const timers = new Map<Host, NodeJS.Timeout>();
  const replaced = new WeakSet<Host>();
  let atWork = 0;
  let waitedMs = 0;
  let lastCame = 0;
  let closed = false;

  return {
    async run(request, io) {
      const host = await hostFor(io);
      try {
        return await host.run(request, io);
      } finally {
        atWork -= 1;
        offer(host);
        grow();
      }
    },

    async warm() {
      if (!(await startAhead())) grow();
    },

    async close() {
      closed = true;
      line.fail(stopped(), 'all');
      await Promise.allSettled(starts);
      await Promise.all([...all].map((host) => host.close()));
    },
  };

  async function hostFor(io: HostIo): Promise<Host> {
    const host = takeIdle();
    if (host) return host;
    const joined = performance.now();
    const next = line.join(io);
    grow();
    const served = await next;
    waitedMs += performance.now() - Math.max(joined, lastCame);
    return served;
  }

  function takeIdle(): Host | undefined {
    for (let host = idle.pop(); host; host = idle.pop()) {
      clearTimeout(timers.get(host));
      timers.delete(host);
      if (host.usable) {
        atWork += 1;
        return host;
      }
      void end(host);
    }
    return undefined;
  }

  /**
   * Starts hosts for those who have waited long enough, one where there is none, and while there are fewer
   * than processors one when all together have waited for as long as a start takes.
   */
  function grow(): void {
    const isNeeded = line.size > 0 && atWork === 0;
    const isWorthIt = waitedMs >= patienceMs && all.size < PROCESSORS;
    const wanted = Math.min(PROCESSORS, Math.max(isNeeded || isWorthIt ? 1 : 0, line.overdue));
    for (let more = wanted - starts.size; more > 0; more -= 1) {
      const failed = (error: Error): void => {
        line.fail(error, atWork === 0 ? 'all' : 'overdue');
      };
      void start().catch(failed);
    }
  }

  function start(): Promise<void> {
    waitedMs = 0;
    const started = startAndOffer().finally(() => starts.delete(started));
    starts.add(started);
    return started;
  }

  /** A start that no block has asked for; false when it failed, which is logged. */
  async function startAhead(): Promise<boolean> {
    try {
      await start();
      return true;
    } catch (error) {
      if (!closed) log?.warn({ err: error, language }, 'host not started');
      return false;
    }
  }

  async function startAndOffer(): Promise<void> {
    const command = await startWith(line.tell);
    if (closed) throw stopped();
    const host = await startHost(command);
    log?.debug({ pid: host.pid, language }, 'host started');
    all.add(host);
    lastCame = performance.now();
    offer(host);
  }

  function offer(host: Host): void {
    const isWanted = line.size > 0;
    const isOver = host.peakMemoryBytes > MEMORY_BYTES || replaced.has(host);
    if (closed || !host.usable || isOver) {
      void end(host);
    } else if (isWanted) {
      atWork += 1;
      line.serve(host);
    } else {
      rest(host);
      if (host.runs >= runs && starts.size === 0) void replace(host);
    }
  }

  function rest(host: Host): void {
    idle.push(host);
    const leave = (): void => {
      if (idle.length > 1) retire(host);
    };
    timers.set(host, setTimeout(leave, idleMs).unref());
  }

  /** It stays at work until the other one is there. */
  async function replace(host: Host): Promise<void> {
    if (!(await startAhead())) return;
    replaced.add(host);
    if (idle.includes(host)) retire(host);
  }

  function retire(host: Host): void {
    idle = idle.filter((other) => other !== host);
    void end(host);
  }

  async function end(host: Host): Promise<void> {
    clearTimeout(timers.get(host));
    timers.delete(host);
    await host.close();
    all.delete(host);
    log?.debug({ pid: host.pid, runs: host.runs }, 'host ended');
  }
}

function stopped(): Fault {
  return new Fault('host.lost', 'The worker stopped before the block could run');
}
