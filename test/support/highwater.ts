import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { packageRoot } from '../../runtime/paths.ts';

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs the command line tool as a user does, and waits for its end. */
export async function highwater(
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const bin = join(packageRoot, 'bin', 'highwater.js');
  const child = spawn(process.execPath, [bin, ...args], { cwd, env: { ...process.env, ...env } });
  const text = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (part: string) => (text.out += part));
  child.stderr.setEncoding('utf8').on('data', (part: string) => (text.err += part));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, ...text };
}
