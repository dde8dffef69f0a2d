import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { BlockRequest, HostIo } from './host.ts';
import { nodeHost } from './node/command.ts';
import { createHostPool, type HostPool } from './pool.ts';
import type { HostResult, HostUsage, HostWork, LogLevel } from './protocol.ts';

const PATH = '/usr/local/bin:/usr/bin:/bin';

type Files = Readonly<Record<string, string>>;

export interface Given extends Omit<Partial<BlockRequest>, 'work' | 'output' | 'run'> {
  readonly work?: HostWork;
  readonly output?: Partial<BlockRequest['output']>;
  readonly run?: Partial<BlockRequest['run']>;
  readonly io?: Partial<HostIo>;
}

export interface Ran {
  readonly result: HostResult;
  readonly usage: HostUsage;
  readonly logs: readonly (readonly [LogLevel, string])[];
  /** The output's path, if it is a file. */
  readonly path: string;
  readonly folder: string;
}

interface TestPoolOptions {
  readonly max?: number;
  readonly env?: Readonly<Record<string, string>>;
}

/** A pool of real hosts that ends with its test. */
export function testPool(options: TestPoolOptions = {}) {
  const projectDir = newFolder();
  const pool = createHostPool({
    max: options.max ?? 2,
    commands: {
      typescript: () => nodeHost({ env: { PATH, ...options.env }, projectDir }),
      python: () => ({ command: 'no-such-python', args: [], env: {} }),
    },
  });
  return { pool, projectDir, run: (given: Given) => runIn(pool, projectDir, given) };
}

async function runIn(pool: HostPool, projectDir: string, given: Given): Promise<Ran> {
  const { io, output, run, ...request } = given;
  const logs: [LogLevel, string][] = [];
  const folder = newFolder();
  const done = await pool.run(
    'typescript',
    {
      work: { type: 'read_file', file: 'nothing', format: 'csv' },
      inputs: [],
      params: {},
      watermark: null,
      projectDir,
      ...request,
      run: {
        id: 7,
        key: 'run/7',
        pipeline: 'p',
        block: 'b',
        attempt: 1,
        scheduledAt: null,
        intervalStart: null,
        intervalEnd: null,
        ...run,
      },
      output: { folder, inlineBytes: 65_536, watermarkColumn: null, ...output },
    },
    { onLog: (level, message) => logs.push([level, message]), timeoutMs: 30_000, ...io },
  );
  return { ...done, logs, folder, path: join(folder, done.result.file?.name ?? '') };
}

/** Work of a block whose function has this body, with everything of its context in scope. */
export function code(body: string, head = ''): HostWork {
  const context = '{ inputs, params, watermark, run, log, signal, sql }';
  const text = `import { block } from 'highwater';\n${head}\nexport default block(async (${context}) => {\n${body}\n});\n`;
  return { type: 'code', folder: writeFiles({ 'block.mjs': text }), entry: 'block.mjs' };
}

export function sqlWork(text: string): HostWork {
  return { type: 'sql', text, file: 'blocks/test.sql', connection: null };
}

export function newFolder(): string {
  return mkdtempSync(join(tmpdir(), 'highwater-host-'));
}

export function writeFiles(files: Files, folder = newFolder()): string {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

/** What a failing promise failed with. */
export async function failure(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('It did not fail');
}
