import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { createLineReader } from './line-reader.ts';
import { createPrints, type Prints } from './print-log.ts';
import { endFamily, MARK, signalFamily, signalGroup } from './process-family.ts';
import type { HostAnswer, HostRequest, LogLevel } from './protocol.ts';

/** How long a block may clean up after SIGTERM. */
const GRACE_MS = 1_000;
const ANSWER_BYTES = 16 * 1024 * 1024;
const DRAIN_MS = 1_000;
const CLOSING_MS = 200;

/** What starts a host. */
export interface HostCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  /** False once a host that was started so should give way to a new one. */
  readonly isCurrent?: () => boolean;
}

/** How a host ended; `reason` says so when it was ended for something that it did. */
export interface HostExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly reason?: string;
}

export interface Hearing {
  onAnswer(answer: HostAnswer): void;
  onPrint(level: LogLevel, text: string): void;
}

/** A host's process with its descriptors, whatever it may do to them. */
export interface HostProcess {
  readonly pid: number | undefined;
  readonly stdout: Prints;
  readonly stderr: Prints;
  /** Settles when it and everything that it started are gone, and all that it said was heard. */
  readonly gone: Promise<HostExit>;
  send(request: HostRequest): void;
  /** SIGTERM to it and everything that it started, a second of grace, SIGKILL. */
  end(): Promise<HostExit>;
  /** SIGKILL at once. */
  kill(reason?: string): Promise<HostExit>;
}

export function spawnHost({ command, args, env, cwd }: HostCommand, hearing: Hearing): HostProcess {
  const mark = randomUUID();
  const child = spawn(command, args, {
    detached: true,
    env: { ...env, [MARK]: mark },
    stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'pipe'],
    ...(cwd !== undefined && { cwd }),
  });
  const { pid } = child;
  let graceUntil = 0;
  let exited = false;
  let reason: string | undefined;

  const [, out, err, requests, answers] = child.stdio as Descriptors;
  const stdout = attachPrints(out, (text) => {
    hearing.onPrint('info', text);
  });
  const stderr = attachPrints(err, (text) => {
    hearing.onPrint('warn', text);
  });
  requests.on('error', () => undefined);
  const gone = whenGone().then((exit) => {
    stdout.close();
    stderr.close();
    return { ...exit, ...(reason !== undefined && { reason }) };
  });
  hearAnswers();

  return {
    pid,
    stdout,
    stderr,
    gone,
    send(request) {
      requests.write(`${JSON.stringify(request)}\n`);
    },
    end() {
      if (pid === undefined || exited) return gone;
      graceUntil = Date.now() + GRACE_MS;
      void signalFamily({ leader: pid, mark }, 'SIGTERM');
      const timer = setTimeout(() => {
        if (!exited) signalGroup(pid, 'SIGKILL');
      }, GRACE_MS);
      return gone.finally(() => {
        clearTimeout(timer);
      });
    },
    kill,
  };

  function kill(because?: string): Promise<HostExit> {
    if (pid !== undefined && !exited) {
      reason ??= because;
      signalGroup(pid, 'SIGKILL');
    }
    return gone;
  }

  async function whenGone(): Promise<HostExit> {
    const closed = new Promise<void>((resolve) => child.once('close', resolve));
    const exit = await exitOf(child);
    exited = true;
    if (pid === undefined) return exit;
    await endFamily({ leader: pid, mark }, Math.max(0, graceUntil - Date.now()));
    await Promise.race([closed, sleep(DRAIN_MS, undefined, { ref: false })]);
    return exit;
  }

  function hearAnswers(): void {
    const reader = createLineReader(
      ({ text, dropped, tail }) => {
        const answer = dropped === 0 && tail === '' ? parseAnswer(text) : undefined;
        if (answer) hearing.onAnswer(answer);
        else void kill("wrote something of its own to the host's descriptor 4");
      },
      { limit: ANSWER_BYTES, tail: 1 },
    );
    answers.on('data', (chunk: Buffer) => {
      reader.push(chunk);
    });
    answers.on('error', () => undefined);
    answers.on('end', () => {
      setTimeout(() => void kill("closed the host's descriptor 4"), CLOSING_MS).unref();
    });
  }
}

type Descriptors = [null, Readable, Readable, Writable, Readable];

function attachPrints(stream: Readable, onPrint: (text: string) => void): Prints {
  const prints = createPrints(onPrint);
  stream.on('data', (chunk: Buffer) => {
    prints.push(chunk);
  });
  stream.on('error', () => undefined);
  stream.on('close', () => {
    prints.close();
  });
  return prints;
}

function exitOf(child: ChildProcess): Promise<HostExit> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => {
      resolve({ code, signal });
    });
    child.once('error', (error) => {
      resolve({ code: null, signal: null, reason: `could not be started: ${error.message}` });
    });
  });
}

function parseAnswer(line: string): HostAnswer | undefined {
  try {
    const answer = JSON.parse(line) as HostAnswer | null;
    return typeof answer === 'object' && typeof answer?.type === 'string' ? answer : undefined;
  } catch {
    return undefined;
  }
}
