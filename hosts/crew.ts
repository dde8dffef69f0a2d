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
/** A start keeps a processor busy. */
const STARTS = availableParallelism();
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
  /** How many blocks a host runs, unless more are waiting then. */
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
  let atWork = 0;
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
      try {
        await start();
      } catch (error) {
        log?.warn({ err: error, language }, 'host not warmed');
        grow();
      }
    },

    async close() {
      closed = true;
      line.fail(stopped(), 'all');
      await Promise.allSettled(starts);
      await Promise.all([...all].map((host) => host.close()));
    },
  };

  function hostFor(io: HostIo): Promise<Host> {
    const host = takeIdle();
    if (host) return Promise.resolve(host);
    const next = line.join(io);
    grow();
    return next;
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

  /** Starts hosts for those who have waited long enough, and one where there is none. */
  function grow(): void {
    const needed = line.size > 0 && atWork === 0 ? 1 : 0;
    const wanted = Math.min(STARTS, Math.max(needed, line.overdue));
    for (let more = wanted - starts.size; more > 0; more -= 1) {
      const failed = (error: Error): void => {
        line.fail(error, atWork === 0 ? 'all' : 'overdue');
      };
      void start().catch(failed);
    }
  }

  function start(): Promise<void> {
    const started = startAndOffer().finally(() => starts.delete(started));
    starts.add(started);
    return started;
  }

  async function startAndOffer(): Promise<void> {
    const command = await startWith(line.tell);
    if (closed) throw stopped();
    const host = await startHost(command);
    log?.debug({ pid: host.pid, language }, 'host started');
    all.add(host);
    offer(host);
  }

  function offer(host: Host): void {
    const isWanted = line.size > 0;
    const isWorn = host.peakMemoryBytes > MEMORY_BYTES || (host.runs >= runs && !isWanted);
    if (closed || !host.usable || isWorn) {
      void end(host);
    } else if (isWanted) {
      atWork += 1;
      line.serve(host);
    } else rest(host);
  }

  function rest(host: Host): void {
    idle.push(host);
    const retire = (): void => {
      if (idle.length === 1) return;
      idle = idle.filter((other) => other !== host);
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

function stopped(): Fault {
  return new Fault('host.lost', 'The worker stopped before the block could run');
}
