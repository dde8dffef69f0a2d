import { access, constants, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Fault, messageOf } from '../runtime/fault.ts';
import { nodeArguments } from '../runtime/paths.ts';
import { withLock } from './lock.ts';
import { launch, type Launch } from './process.ts';

export interface BinaryOptions {
  /** What `TEMPORAL_CLI_PATH` says. */
  readonly path: string | undefined;
  /** Downloads and builds are kept here for all projects. */
  readonly cache: string;
  readonly env: Record<string, string | undefined>;
  readonly log: (line: string) => void;
  /** Gives up a download or a build. */
  readonly signal?: AbortSignal;
}

const VERSION = 'v1.5.1';
const GO_PACKAGE = `github.com/temporalio/cli/cmd/temporal@${VERSION}`;
/** A download that has not begun by then has no way to its host. */
const DOWNLOAD_BEGINS_MS = 8_000;
const DOWNLOAD_ENDS_MS = 300_000;
const PROGRESS_MS = 10_000;

/** The `temporal` program: named, installed, kept from last time, downloaded, or built. */
export async function findTemporalBinary(options: BinaryOptions): Promise<string> {
  const { path, cache, env } = options;
  if (path !== undefined) {
    if (await isProgram(path)) return path;
    throw new Fault('temporal.missing', `TEMPORAL_CLI_PATH names ${path}, which is not a program.`);
  }
  if (await answers('temporal', ['--version'], env)) return 'temporal';
  const kept = await findKept(cache);
  if (kept !== undefined) return kept;
  await mkdir(cache, { recursive: true });
  const make = async () =>
    (await findKept(cache)) ?? (await download(options)) ?? (await build(options));
  return withLock(join(cache, 'temporal.lock'), make, options.signal);
}

const builtIn = (cache: string) => join(cache, `temporal-cli-${VERSION}`, 'temporal');
const downloadsIn = (cache: string) => join(cache, 'temporal-download');

async function findKept(cache: string): Promise<string | undefined> {
  const downloads = await readdir(downloadsIn(cache)).catch(() => []);
  const programs = downloads
    .filter((name) => name.startsWith('temporal') && !name.endsWith('.downloading'))
    .map((name) => join(downloadsIn(cache), name));
  for (const program of [builtIn(cache), ...programs]) {
    if (await isProgram(program)) return program;
  }
  return undefined;
}

/** Through Temporal's own SDK, which knows the release that fits it. Undefined: it did not work. */
async function download({ cache, env, log, signal }: BinaryOptions): Promise<string | undefined> {
  const folder = downloadsIn(cache);
  await mkdir(folder, { recursive: true });
  log('Downloading the Temporal dev server (once)');
  const child = await launch({
    command: process.execPath,
    args: [...nodeArguments('local/download/main'), folder],
    env,
    log: () => undefined,
    stopSignal: 'SIGKILL',
    ...(signal && { signal }),
  });
  const hasBegun = async () => (await readdir(folder)).length > 0;
  const late = (async () => {
    await wait(DOWNLOAD_BEGINS_MS, undefined, { ref: false });
    if (await hasBegun()) await wait(DOWNLOAD_ENDS_MS, undefined, { ref: false });
    return 'too slow';
  })();
  const ended = await Promise.race([child.exited, late]);
  if (ended === 'too slow') await child.stop();
  const found = ended === 'exit code 0' ? await findKept(cache) : undefined;
  signal?.throwIfAborted();
  if (found === undefined) await rm(folder, { recursive: true, force: true });
  return found;
}

async function build({ cache, env, log, signal }: BinaryOptions): Promise<string> {
  const target = builtIn(cache);
  if (!(await answers('go', ['version'], env)))
    throw missing('its download failed, and Go is not installed');

  const draft = join(cache, `temporal-build-${process.pid}`);
  await mkdir(draft, { recursive: true });
  log('Building the Temporal dev server with Go: 2 to 4 minutes, once');
  const started = Date.now();
  const lines: string[] = [];
  const timer = setInterval(() => {
    const seconds = Math.round((Date.now() - started) / 1000);
    const compiled = lines.filter((line) => !line.startsWith('go: ')).length;
    const what = compiled > 0 ? `${compiled} packages compiled, ` : '';
    log(`Building the Temporal dev server: ${what}${seconds} s`);
  }, PROGRESS_MS);
  try {
    const ended = await attempt({
      command: 'go',
      args: ['install', '-v', GO_PACKAGE],
      env: { ...env, GOBIN: draft, GOFLAGS: '' },
      log: (line) => lines.push(line),
      graceMs: 1_000,
      ...(signal && { signal }),
    });
    signal?.throwIfAborted();
    if (ended !== 'exit code 0') {
      throw missing(
        `its download failed, and Go could not build it (${ended}):\n${lines.slice(-10).join('\n')}`,
      );
    }
    await mkdir(join(target, '..'), { recursive: true });
    await rename(join(draft, 'temporal'), target);
    return target;
  } finally {
    clearInterval(timer);
    await rm(draft, { recursive: true, force: true });
  }
}

function missing(why: string): Fault {
  return new Fault(
    'temporal.missing',
    `There is no Temporal server: ${why}.\nAny one of these mends it:\n` +
      '  1. TEMPORAL_CLI_PATH: the path of the `temporal` program\n' +
      '  2. `temporal` on your PATH (https://docs.temporal.io/cli)\n' +
      '  3. a way to https://temporal.download, for Temporal’s own download\n' +
      `  4. Go (https://go.dev/dl), for \`go install ${GO_PACKAGE}\`\n` +
      'Or set TEMPORAL_ADDRESS to a server of your own.',
  );
}

async function isProgram(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

async function answers(command: string, args: string[], env: Launch['env']): Promise<boolean> {
  return (await attempt({ command, args, env, log: () => undefined })) === 'exit code 0';
}

async function attempt(task: Launch): Promise<string> {
  try {
    return await (
      await launch(task)
    ).exited;
  } catch (error) {
    return messageOf(error);
  }
}
