import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { inject } from 'vitest';

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** What `node` runs to be the command line tool. */
export function highwaterBin(): string {
  return join(inject('builtRoot'), 'bin', 'highwater.js');
}

export interface Running {
  /** What it has printed so far. */
  readonly out: () => string;
  /** As Ctrl-C does it. */
  readonly interrupt: () => void;
  readonly ended: Promise<Ended>;
}

type Environment = Readonly<Record<string, string>>;

/** Starts the command line tool as a user does. */
export function startHighwater(args: readonly string[], cwd: string, env: Environment): Running {
  const child = spawn(process.execPath, [highwaterBin(), ...args], {
    cwd,
    env: { ...process.env, ...env },
  });
  const text = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (part: string) => (text.out += part));
  child.stderr.setEncoding('utf8').on('data', (part: string) => (text.err += part));
  const ended = new Promise<Ended>((resolve) => {
    child.once('close', (code) => {
      resolve({ code, ...text });
    });
  });
  return { out: () => text.out, interrupt: () => child.kill('SIGINT'), ended };
}

/** Runs the command line tool as a user does, and waits for its end. */
export function highwater(
  args: readonly string[],
  cwd: string,
  env: Environment = {},
): Promise<Ended> {
  return startHighwater(args, cwd, env).ended;
}
