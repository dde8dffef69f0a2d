import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { cacheRoot } from '../../runtime/paths.ts';
import { endOfOutput, type HostAnswer, type HostRequest } from '../protocol.ts';
import { ensureEnvironment, pythonSpawn } from './environment.ts';

const TAIL = 64;

type Files = Readonly<Record<string, string>>;

/** One block run, as the worker would see it. */
export interface Ended {
  readonly answer: Extract<HostAnswer, { type: 'result' | 'error' }>;
  readonly answers: readonly HostAnswer[];
  readonly stdout: string;
  readonly stderr: string;
  /** The output folder. */
  readonly folder: string;
}

interface Started {
  readonly ended: Promise<Ended>;
  /** Settles when a line with this text was printed, or logged. */
  readonly says: (text: string) => Promise<void>;
}

/** A real Python host, driven over its real descriptors. */
export interface TestHost {
  readonly child: ChildProcess;
  readonly requests: Writable;
  readonly exited: Promise<number | NodeJS.Signals | null>;
  /** Runs `files['block.py']`, or the entry that is named. */
  start(
    files: Files,
    request?: Partial<HostRequest> & { entry?: string; folder?: string },
  ): Started;
  run(
    files: Files,
    request?: Partial<HostRequest> & { entry?: string; folder?: string },
  ): Promise<Ended>;
}

export async function startHost(env: NodeJS.ProcessEnv): Promise<TestHost> {
  const cache = cacheRoot(env);
  const environment = await ensureEnvironment({
    project: tmpdir(),
    cache,
    python: env['HIGHWATER_PYTHON'],
  });
  const { command, args } = pythonSpawn(environment);
  const stdio = ['ignore', 'pipe', 'pipe', 'pipe', 'pipe'] as const;
  const child = spawn(command, args, { stdio: [...stdio], detached: true, env });
  const requests = child.stdio[3] as Writable;
  // A host that ends before it has read a request resets the connection.
  requests.on('error', () => undefined);
  const exited = new Promise<number | NodeJS.Signals | null>((resolve) => {
    child.on('exit', (code, signal) => {
      resolve(code ?? signal);
    });
  });

  const answers: HostAnswer[] = [];
  const printed = { stdout: '', stderr: '' };
  /** Kept apart, because a look at the end of a long text that grows costs a copy of it. */
  const tails = { stdout: '', stderr: '' };
  const listeners = new Set<() => void>();
  const heard = (): void => {
    for (const listener of listeners) listener();
  };
  createInterface({ input: child.stdio[4] as Readable }).on('line', (line) => {
    answers.push(JSON.parse(line) as HostAnswer);
    heard();
  });
  for (const name of ['stdout', 'stderr'] as const) {
    (child[name] as Readable).setEncoding('utf8').on('data', (text: string) => {
      printed[name] += text;
      tails[name] = (tails[name] + text).slice(-TAIL);
      heard();
    });
  }

  const until = (holds: () => boolean): Promise<void> =>
    new Promise((resolve, reject) => {
      const check = (): void => {
        if (!holds()) return;
        listeners.delete(check);
        resolve();
      };
      listeners.add(check);
      void exited.then(() => {
        reject(new Error(`the host ended: ${printed.stderr}`));
      });
      check();
    });

  await until(() => answers.some((answer) => answer.type === 'ready'));
  answers.length = 0;
  let id = 0;

  const host: TestHost = {
    child,
    requests,
    exited,
    start(files, given = {}) {
      id += 1;
      const request = toRequest(id, files, given);
      answers.length = 0;
      printed.stdout = '';
      printed.stderr = '';
      tails.stdout = '';
      tails.stderr = '';
      requests.write(`${JSON.stringify(request)}\n`);
      const says = (text: string): Promise<void> =>
        until(() => (printed.stdout + printed.stderr + JSON.stringify(answers)).includes(text));
      return { ended: finish(request), says };
    },
    run: (files, given) => host.start(files, given).ended,
  };
  return host;

  async function finish(request: HostRequest): Promise<Ended> {
    const end = `${endOfOutput(request.id)}\n`;
    await until(() => tails.stdout.endsWith(end) && tails.stderr.endsWith(end));
    await until(() => answers.some(isLast));
    return {
      answer: answers.find(isLast) as Ended['answer'],
      answers: [...answers],
      stdout: printed.stdout.slice(0, -end.length),
      stderr: printed.stderr.slice(0, -end.length),
      folder: request.output.folder,
    };
  }
}

function isLast(answer: HostAnswer): boolean {
  return answer.type === 'result' || answer.type === 'error';
}

function toRequest(
  id: number,
  files: Files,
  {
    entry = 'block.py',
    folder,
    ...given
  }: Partial<HostRequest> & { entry?: string; folder?: string },
): HostRequest {
  const place = folder ?? writeFiles(files);
  return {
    id,
    work: { type: 'code', folder: place, entry },
    inputs: [],
    params: {},
    watermark: null,
    run: {
      ...{ id: 7, key: 'k/7', pipeline: 'p', block: 'b', attempt: 1 },
      ...{ scheduledAt: null, intervalStart: null, intervalEnd: null },
    },
    output: { folder: newFolder(), inlineBytes: 65_536, watermarkColumn: null },
    projectDir: place,
    ...given,
  };
}

export function newFolder(): string {
  return mkdtempSync(join(tmpdir(), 'highwater-python-'));
}

/** Writes files into a new folder. */
export function writeFiles(files: Files): string {
  const folder = newFolder();
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

/** A block file whose function has this signature and body. */
export function block(signature: string, body: string): Files {
  const indented = body
    .trim()
    .split('\n')
    .map((line) => `    ${line}`)
    .join('\n');
  return {
    'block.py': `from highwater import block\n\n@block\ndef made(${signature}):\n${indented}\n`,
  };
}
