import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Fault, messageOf } from '../../runtime/fault.ts';

const run = promisify(execFile);
const OLDEST = [3, 9] as const;
const TIMEOUT_MS = 20_000;
const DESCRIBE =
  'import json,sys; print(json.dumps([sys.executable, sys.base_prefix, list(sys.version_info[:3])]))';
const INSTALL =
  'Install it (Debian or Ubuntu: sudo apt install python3 python3-venv; macOS: brew install python), ' +
  'or set HIGHWATER_PYTHON to the path of one.';

/** An interpreter of this machine that can run Python blocks. */
export interface Python {
  /** Absolute path. */
  readonly command: string;
  /** Where it is installed: two interpreters of one version are not the same. */
  readonly prefix: string;
  /** Such as `3.11.7`. */
  readonly version: string;
}

/** The interpreter of HIGHWATER_PYTHON, or else `python3` or `python`; `language.missing` without one. */
export async function findPython(setting: string | undefined): Promise<Python> {
  const refused: string[] = [];
  for (const command of setting === undefined ? ['python3', 'python'] : [setting]) {
    const found = await describe(command);
    if (typeof found === 'string') refused.push(`${command}: ${found}`);
    else return found;
  }
  const [major, minor] = OLDEST;
  throw new Fault(
    'language.missing',
    `Python blocks need Python ${major}.${minor} or newer (${refused.join('; ')}). ${INSTALL}`,
  );
}

/** The interpreter, or why it can't be used. */
async function describe(command: string): Promise<Python | string> {
  let text: string;
  try {
    text = (await run(command, ['-c', DESCRIBE], { timeout: TIMEOUT_MS })).stdout;
  } catch (error) {
    return isMissing(error) ? 'not found' : (messageOf(error).trim().split('\n').at(-1) ?? '');
  }
  const [executable, prefix, version] = JSON.parse(text) as [
    string,
    string,
    [number, number, number],
  ];
  const [major, minor] = version;
  if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])) {
    return `is ${version.join('.')}`;
  }
  return { command: executable, prefix, version: version.join('.') };
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
