import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { cacheRoot } from '../../runtime/paths.ts';
import type { BlockRequest } from '../host.ts';
import { createHostPool } from '../pool.ts';
import { pythonHost } from './command.ts';
import { block, newFolder, writeFiles } from './test-host.ts';

const project = newFolder();
const python = pythonHost({
  project,
  cache: cacheRoot(process.env),
  python: process.env['HIGHWATER_PYTHON'],
  env: { ...process.env, SECRET: 'of the worker' },
});
const pool = createHostPool({ commands: { python, typescript: python }, max: 2 });

afterAll(() => pool.close());

function request(signature: string, body: string): BlockRequest {
  const folder = writeFiles(block(signature, body));
  return {
    work: { type: 'code', folder, entry: 'block.py' },
    inputs: [],
    params: {},
    watermark: null,
    run: {
      ...{ id: 1, key: 'k', pipeline: 'p', block: 'b', attempt: 1 },
      ...{ scheduledAt: null, intervalStart: null, intervalEnd: null },
    },
    output: { folder: newFolder(), inlineBytes: 65_536, watermarkColumn: null },
    projectDir: folder,
  };
}

function listen() {
  const lines: [string, string][] = [];
  return { lines, onLog: (level: string, message: string) => lines.push([level, message]) };
}

test('prints and log lines arrive in their levels before the result', async () => {
  const { lines, onLog } = listen();
  const body =
    'import os, sys\nprint("out")\nprint("err", file=sys.stderr)\nlog.debug("low")\nreturn os.getpid()';
  const first = await pool.run('python', request('log', body), { onLog });
  expect(lines.sort()).toEqual([
    ['debug', 'low'],
    ['info', 'out'],
    ['warn', 'err'],
  ]);
  const second = await pool.run('python', request('log', body), { onLog });
  expect(second.result.value).toBe(first.result.value);
}, 180_000);

test('a host gives way once the requirements have changed', async () => {
  const whoAmI = () =>
    pool.run('python', request('', 'import os\nreturn os.getpid()'), { onLog: () => undefined });
  const first = await whoAmI();
  expect((await whoAmI()).result.value).toBe(first.result.value);
  writeFileSync(join(project, 'requirements.txt'), '# nothing yet\n');
  expect((await whoAmI()).result.value).not.toBe(first.result.value);
}, 180_000);

test('what a block raises is a fault with its words, and where it happened is logged', async () => {
  const { lines, onLog } = listen();
  const failing = pool.run('python', request('', 'raise KeyError("x")'), { onLog });
  await expect(failing).rejects.toMatchObject({ code: 'block.failed', message: "KeyError: 'x'" });
  expect(lines[0]?.[1]).toContain('File "block.py", line 5, in made');
});

test('a cancelled block cleans up', async () => {
  const stop = new AbortController();
  const { lines, onLog } = listen();
  const body = `
import time
try:
    log.info("busy")
    time.sleep(600)
finally:
    log.info("cleaned up")`;
  const running = pool.run('python', request('log', body), {
    signal: stop.signal,
    onLog(level, message) {
      onLog(level, message);
      if (message === 'busy') stop.abort(new Error('cancelled'));
    },
  });
  await expect(running).rejects.toThrow('cancelled');
  expect(lines).toContainEqual(['info', 'cleaned up']);
});

test.each([
  ['import os, signal\nos.kill(os.getpid(), signal.SIGKILL)', 'was killed'],
  ['import ctypes\nctypes.string_at(0)', 'SIGSEGV'],
  ['import os\nos._exit(7)', 'exit code 7'],
  ['import os\nos.write(4, b"mine\\n")\nimport time\ntime.sleep(600)', 'descriptor 4'],
])('a host that dies fails its attempt only: %s', async (body, message) => {
  const lost = pool.run('python', request('', body), { onLog: () => undefined });
  await expect(lost).rejects.toMatchObject({ code: 'host.lost' });
  await expect(lost).rejects.toThrow(message);
  const next = await pool.run('python', request('', 'return 1'), { onLog: () => undefined });
  expect(next.result.value).toBe(1);
});

test('a block that hears nothing is ended when its time is up', async () => {
  const body = `
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
time.sleep(600)`;
  const late = pool.run('python', request('', body), { timeoutMs: 500, onLog: () => undefined });
  await expect(late).rejects.toMatchObject({ code: 'block.timed_out' });
});
