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

/** Runs the command line tool as a user does, and waits for its end. */
export async function highwater(
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const child = spawn(process.execPath, [highwaterBin(), ...args], {
    cwd,
    env: { ...process.env, ...env },
  });
  const text = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (part: string) => (text.out += part));
  child.stderr.setEncoding('utf8').on('data', (part: string) => (text.err += part));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, ...text };
}
