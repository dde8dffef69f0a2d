import { setTimeout as sleep } from 'node:timers/promises';
import { blockFault, describeExit, hostLost } from './host-failure.ts';
import { spawnHost, type HostCommand, type HostExit, type HostProcess } from './host-process.ts';
import { limitLog } from './log-quota.ts';
import type { OnLog } from './print-log.ts';
import { sampleProcess } from './process-usage.ts';
import type { HostAnswer, HostRequest, HostResult, HostUsage } from './protocol.ts';
import { watchForStop } from './stop-watch.ts';
import { Fault } from '../runtime/fault.ts';

const START_MS = 60_000;
const END_OF_OUTPUT_MS = 10_000;
const SAMPLE_MS = 1_000;
const LAST_WORDS = 20;

/** A block's request; the host numbers it. */
export type BlockRequest = Omit<HostRequest, 'id'>;

export interface HostIo {
  readonly onLog: OnLog;
  /** Rows written so far. */
  readonly onProgress?: (rows: number) => void;
  /** Called at most once, on failure too, when it is known what the attempt used. */
  readonly onUsage?: (usage: HostUsage) => void;
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
}

export interface HostDone {
  readonly result: HostResult;
  readonly usage: HostUsage;
}

/** A child process that runs one block after another. */
export interface Host {
  readonly pid: number;
  /** Whether it may take another request. */
  readonly usable: boolean;
  /** Blocks it has run. */
  readonly runs: number;
  /** The most memory that it held during its last block. */
  readonly peakMemoryBytes: number;
  /**
   * Runs one block. It fails with `signal`'s reason, `block.timed_out`, `host.lost`, or what the
   * block failed with; the first three only when nothing of the process is left.
   */
  run(request: BlockRequest, io: HostIo): Promise<HostDone>;
  /** Ends the process and everything it started. */
  close(): Promise<void>;
}

type End = Extract<HostAnswer, { type: 'result' | 'error' }>;

interface Call {
  readonly id: number;
  readonly io: HostIo;
  readonly log: OnLog;
  ended(end: End | HostExit): void;
}

/** Starts a host and waits until it is ready. */
export async function startHost(command: HostCommand): Promise<Host> {
  const lastWords: string[] = [];
  let call: Call | undefined;
  let ready = (): void => undefined;
  const isReady = new Promise<void>((resolve) => (ready = resolve));
  let usable = true;
  let runs = 0;
  let used: HostUsage = { peakMemoryBytes: 0, cpuMs: 0 };

  const child = spawnHost(command, {
    onAnswer(answer) {
      if (answer.type === 'ready') ready();
      else if (call && answer.id === call.id) hear(call, answer);
    },
    onPrint(level, text) {
      if (call) call.log(level, text);
      else if (lastWords.push(text) > LAST_WORDS) lastWords.shift();
    },
  });
  void child.gone.then((exit) => {
    usable = false;
    call?.ended(exit);
  });
  const pid = await whenReady(child, isReady, command, lastWords);
  void sampleProcess(pid).then((sample) => (used = sample ?? used));

  return {
    pid,
    get usable() {
      return usable && (command.isCurrent?.() ?? true);
    },
    get runs() {
      return runs;
    },
    get peakMemoryBytes() {
      return used.peakMemoryBytes;
    },
    run,
    async close() {
      usable = false;
      await child.end();
    },
  };

  async function run(request: BlockRequest, io: HostIo): Promise<HostDone> {
    if (call || !usable) throw new Fault('internal', 'This host takes no request now');
    runs += 1;
    const id = runs;
    const quota = limitLog(io.onLog);
    const before = used;
    let last: HostUsage | undefined;
    const sampling = setInterval(() => {
      void sampleProcess(pid).then((sample) => (last = sample ?? last));
    }, SAMPLE_MS);
    const stop = watchForStop(io, () => void child.end());
    try {
      const end = await new Promise<End | HostExit>((resolve) => {
        call = { id, io, log: quota.log, ended: resolve };
        child.send({ id, ...request });
      });
      if (stop.reason === undefined && isEnd(end)) {
        spend(end);
        io.onUsage?.(end.usage);
        await endOfPrints(child, end);
        if (end.type === 'error') throw blockFault(end.error, quota.log);
        return { result: end.result, usage: end.usage };
      }
      usable = false;
      const exit = await child.gone;
      if (last) io.onUsage?.({ ...last, cpuMs: Math.max(0, last.cpuMs - before.cpuMs) });
      throw (stop.reason as Error | undefined) ?? hostLost(exit);
    } finally {
      clearInterval(sampling);
      stop.disarm();
      quota.end();
      call = undefined;
    }
  }

  function spend({ usage, spent }: End): void {
    used = { peakMemoryBytes: usage.peakMemoryBytes, cpuMs: used.cpuMs + usage.cpuMs };
    if (spent) usable = false;
  }
}

function hear(call: Call, answer: Exclude<HostAnswer, { type: 'ready' }>): void {
  switch (answer.type) {
    case 'log':
      call.log(answer.level, answer.message, answer.fields);
      return;
    case 'progress':
      call.io.onProgress?.(answer.rows);
      return;
    case 'result':
    case 'error':
      call.ended(answer);
  }
}

function isEnd(end: End | HostExit): end is End {
  return 'type' in end;
}

async function endOfPrints({ stdout, stderr }: HostProcess, { id, quiet }: End): Promise<void> {
  if (quiet) return;
  const late = sleep(END_OF_OUTPUT_MS, undefined, { ref: false });
  await Promise.race([Promise.all([stdout.ended(id), stderr.ended(id)]), late]);
}

async function whenReady(
  child: HostProcess,
  isReady: Promise<void>,
  { command }: HostCommand,
  lastWords: readonly string[],
): Promise<number> {
  const late = sleep(START_MS, 'late' as const, { ref: false });
  const first = await Promise.race([isReady, child.gone, late]);
  if (first === undefined && child.pid !== undefined) return child.pid;
  if (child.pid === undefined) throw missing(command, await child.gone);
  if (first === 'late') await child.kill(`was not ready after ${START_MS / 1_000} s`);
  const said = lastWords.length === 0 ? '' : `\n${lastWords.join('\n')}`;
  throw new Fault(
    'host.lost',
    `A host could not be started: it ${describeExit(await child.gone)}${said}`,
  );
}

function missing(command: string, { reason }: HostExit): Fault {
  return new Fault(
    'language.missing',
    `${command} ${reason ?? 'could not be started'}: install it first`,
  );
}
