import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Fault } from '../../runtime/fault.ts';
import { packageRoot } from '../../runtime/paths.ts';
import { signalGroup } from '../process-family.ts';
import { findPython, type Python } from './find-python.ts';
import { requirementFiles, requirementTexts } from './requirements.ts';

const FOLDER = join(packageRoot, 'hosts', 'python');
const LAST_LINES = 15;

/** A virtual environment with the packages of a project and those of the Python host. */
export interface PythonEnvironment {
  /** Absolute path of its interpreter. */
  readonly python: string;
}

export interface EnvironmentRequest {
  /** The folder that relative paths in the requirements start from. */
  readonly project: string;
  /** A file below the project; `requirements.txt`, if there is one, when left out. */
  readonly requirements?: string | undefined;
  readonly cache: string;
  /** HIGHWATER_PYTHON, if set. */
  readonly python?: string | undefined;
  /** Called with lines such as pip prints them. */
  readonly onProgress?: (line: string) => void;
  /** Aborting ends pip; the next request starts over. */
  readonly signal?: AbortSignal;
}

/**
 * Finds or makes the environment of a project, shared by all projects that ask for the same packages.
 * `language.missing` without a usable Python, `environment.failed` when pip can't install the packages.
 */
export async function ensureEnvironment(request: EnvironmentRequest): Promise<PythonEnvironment> {
  const python = await findPython(request.python);
  const files = requirementFiles(request.project, request.requirements);
  const target = join(request.cache, 'python', keyOf(python, files));
  const environment = { python: join(target, 'bin', 'python') };
  const ready = existsSync(join(target, 'highwater-ready')) && existsSync(environment.python);
  if (!ready) await build(python, target, files, request);
  return environment;
}

/** What starts a Python host in this environment. */
export function pythonSpawn(environment: PythonEnvironment): { command: string; args: string[] } {
  return { command: environment.python, args: [join(FOLDER, 'host.py')] };
}

function keyOf(python: Python, files: readonly string[]): string {
  const hash = createHash('sha256').update(`${python.version}\0${python.prefix}\0`);
  for (const text of requirementTexts(files)) hash.update(withoutComments(text));
  return hash.digest('hex').slice(0, 32);
}

/** A file that asks for nothing asks for no other environment. */
function withoutComments(text: string): string {
  const lines = text.split('\n').map((line) => line.replace(/(^|\s)#.*/, '').trim());
  return lines
    .filter((line) => line !== '')
    .map((line) => `${line}\n`)
    .join('');
}

function build(
  python: Python,
  target: string,
  files: readonly string[],
  { project, onProgress, signal }: EnvironmentRequest,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(python.command, [join(FOLDER, 'build_environment.py'), target, ...files], {
      cwd: project,
      detached: true, // a group of its own: pip starts programs too
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const end = (): void => {
      if (child.pid !== undefined) signalGroup(child.pid, 'SIGTERM');
    };
    if (signal?.aborted) end();
    signal?.addEventListener('abort', end, { once: true });
    const last: string[] = [];
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        last.push(line);
        if (last.length > LAST_LINES) last.shift();
        onProgress?.(line.trim());
      });
    }
    child.on('error', reject);
    child.on('close', (code) => {
      signal?.removeEventListener('abort', end);
      if (code === 0) resolve();
      else reject(failed(project, last));
    });
  });
}

function failed(project: string, last: readonly string[]): Fault {
  const text = last.join('\n');
  if (/No module named '?(ensurepip|venv)|ensurepip is not\s+available/.test(text)) {
    return new Fault(
      'language.missing',
      `This Python can't make virtual environments. On Debian or Ubuntu: sudo apt install python3-venv\n${text}`,
    );
  }
  return new Fault(
    'environment.failed',
    `The Python packages of ${project} could not be installed: mend its requirements, or the connection\n${text}`,
  );
}
