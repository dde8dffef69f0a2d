import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { nodeArguments, packageRoot } from '../runtime/paths.ts';
import { startHost } from './host.ts';
import type { HostUsage } from './protocol.ts';
import { code, failure, newFolder, testPool } from './test-pool.ts';

const { pool, run } = testPool();
afterAll(() => pool.close());

async function gone(pid: number): Promise<void> {
  await expect.poll(() => isAlive(pid), { timeout: 5_000, interval: 20 }).toBe(false);
}

/** A zombie that nobody waits for is as good as gone. */
function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

/** Starts a process in a session of its own, which ignores SIGTERM and whose parent is gone, and logs its id. */
const DAEMON = `
  const { execFileSync } = await import('node:child_process');
  const ignoring = 'trap "" TERM; echo $$; exec >&- 2>&-; while :; do sleep 0.1; done';
  const pid = execFileSync('sh', ['-c', "setsid sh -c '" + ignoring + "' & exit"]);
  log.info(String(pid).trim());`;

describe('a host', () => {
  it('runs blocks one after another in one process', async () => {
    const first = await run({ work: code('return process.pid') });
    const second = await run({ work: code('return process.pid') });
    expect(first.result.value).toBe(second.result.value);
    expect(first.usage.peakMemoryBytes).toBeGreaterThan(10_000_000);
    expect(first.usage.cpuMs).toBeGreaterThanOrEqual(0);
  });

  it('turns prints into log lines, in their order, with the last one whole', async () => {
    const { logs } = await run({
      work: code("console.log('one\\ntwo'); process.stdout.write('three'); console.error('four')"),
    });
    expect(logs.filter(([level]) => level === 'info')).toEqual([
      ['info', 'one'],
      ['info', 'two'],
      ['info', 'three'],
    ]);
    expect(logs).toContainEqual(['warn', 'four']);
  });

  it('survives fifty megabytes of prints, and says how many lines it dropped', async () => {
    const body = "for (let i = 0; i < 500_000; i++) console.log('x'.repeat(100)); return 1";
    const before = process.memoryUsage().rss;
    const { result, logs } = await run({ work: code(body) });
    expect(result.value).toBe(1);
    expect(logs).toHaveLength(10_001);
    expect(logs.at(-1)?.[1]).toMatch(/^490000 more log lines were dropped/);
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * 1024 * 1024);
  });

  it('cuts a line that never ends', async () => {
    const { logs } = await run({ work: code("process.stdout.write('y'.repeat(1_000_000))") });
    expect(logs).toHaveLength(1);
    expect(logs[0]?.[1]).toMatch(/^y{16384}… \(983616 more bytes of this line were dropped\)$/);
  });

  it.each([
    ['process.exit(0)', 'ended with exit code 0 before it answered'],
    ['process.exit(3)', 'ended with exit code 3 before it answered'],
    [
      "process.kill(process.pid, 'SIGKILL'); await new Promise(() => {})",
      'was killed, probably because it ran out of memory',
    ],
    ["process.kill(process.pid, 'SIGSEGV'); await new Promise(() => {})", 'crashed with SIGSEGV'],
    [
      "(await import('node:fs')).writeSync(4, 'rubbish\\n'); await new Promise(() => {})",
      'wrote something of its own',
    ],
    [
      "(await import('node:fs')).closeSync(4); setInterval(() => {}, 1000); await new Promise(() => {})",
      "closed the host's descriptor 4",
    ],
  ])('names what a block did with %s', async (body, message) => {
    const error = await failure(run({ work: code(body) }));
    expect(error).toMatchObject({ code: 'host.lost', retryable: true });
    expect((error as Error).message).toContain(message);
    expect((await run({ work: code('return 1') })).result.value).toBe(1);
  });

  it('names the want of memory when a block has no end to it', async () => {
    const small = testPool({ env: { NODE_OPTIONS: '--max-old-space-size=64' } });
    const error = await failure(
      small.run({
        work: code('const all = []; for (;;) all.push(new Array(1e5).fill(Math.random()))'),
      }),
    );
    await small.pool.close();
    expect(error).toMatchObject({ code: 'host.lost' });
    expect((error as Error).message).toContain('ran out of memory');
  });

  it('tells what a lost block used, from the last look at it', async () => {
    const used: number[] = [];
    const onUsage = ({ cpuMs, peakMemoryBytes }: HostUsage): void => {
      used.push(cpuMs, peakMemoryBytes);
    };
    const body = 'const until = Date.now() + 2500; while (Date.now() < until); process.exit(1)';
    await failure(run({ work: code(body), io: { onUsage } }));
    expect(used).toHaveLength(2);
    expect(used[0]).toBeGreaterThan(100);
    expect(used[1]).toBeGreaterThan(10_000_000);
  });

  it('ends a block that runs for ever when its time is up', async () => {
    const error = await failure(run({ work: code('for (;;) {}'), io: { timeoutMs: 300 } }));
    expect(error).toMatchObject({ code: 'block.timed_out' });
  });

  it('lets a block clean up when its run is cancelled', async () => {
    const marker = join(newFolder(), 'cleaned');
    const cancel = new AbortController();
    const body = `
      const { writeFileSync } = await import('node:fs');
      log.info('started');
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      writeFileSync(${JSON.stringify(marker)}, 'yes');
      throw signal.reason`;
    const onLog = (): void => {
      cancel.abort(new Error('enough'));
    };
    const error = await failure(run({ work: code(body), io: { signal: cancel.signal, onLog } }));
    expect(error).toMatchObject({ message: 'enough' });
    expect(existsSync(marker)).toBe(true);
  });

  it('ends child processes that ignore SIGTERM before it says that the block is over', async () => {
    const cancel = new AbortController();
    let child = 0;
    const body = `
      const { spawn } = await import('node:child_process');
      const child = spawn('sh', ['-c', 'trap "" TERM; echo ready; while :; do sleep 0.1; done'], { stdio: ['ignore', 'pipe', 'ignore'] });
      child.stdout.once('data', () => log.info(String(child.pid)));
      await new Promise(() => {})`;
    const onLog = (_: unknown, message: string): void => {
      child = Number(message);
      cancel.abort(new Error('enough'));
    };
    await failure(run({ work: code(body), io: { signal: cancel.signal, onLog } }));
    expect(isAlive(child)).toBe(false);
  });

  it.each([
    ['is cancelled', 'await new Promise(() => {});'],
    ['is done', 'return 1;'],
    ['is lost', "process.kill(process.pid, 'SIGKILL'); await new Promise(() => {});"],
  ])('ends what left its process group when its block %s', async (ending, body) => {
    const cancel = new AbortController();
    let child = 0;
    const onLog = (_: unknown, message: string): void => {
      child = Number(message);
      if (ending === 'is cancelled') cancel.abort(new Error('enough'));
    };
    const work = code(`${DAEMON} ${body}`);
    await run({ work, io: { signal: cancel.signal, onLog } }).catch(() => undefined);
    expect(child).toBeGreaterThan(0);
    await gone(child);
  });

  it('leaves no child process behind when the block is done', async () => {
    const { result } = await run({
      work: code(
        "const { spawn } = await import('node:child_process'); return spawn('sleep', ['100']).pid",
      ),
    });
    await gone(Number(result.value));
  });

  it('is not used again when a block left a timer behind', async () => {
    const first = await run({ work: code('setInterval(() => {}, 1e6); return process.pid') });
    const second = await run({ work: code('return process.pid') });
    expect(first.result.value).not.toBe(second.result.value);
  });

  it.each([
    ["process.env.COLOUR = 'blue'"],
    ['delete process.env.PATH'],
    ['Object.assign(process.env, { COLOUR: 1 })'],
    [
      "Object.defineProperty(process.env, 'COLOUR', { value: 'blue', writable: true, enumerable: true, configurable: true })",
    ],
    ['process.env = {}'],
  ])('is not used again after %s', async (change) => {
    const first = await run({ work: code(`${change}; return process.pid`) });
    const look = 'return [process.env.COLOUR ?? null, typeof process.env.PATH, process.pid]';
    const [colour, path, pid] = (await run({ work: code(look) })).result.value as unknown[];
    expect([colour, path]).toEqual([null, 'string']);
    expect(pid).not.toBe(first.result.value);
  });

  it('is used again when the environment is as it was, which its child processes see', async () => {
    const body = `
      process.env.COLOUR = 'blue';
      const { execFileSync } = await import('node:child_process');
      const seen = execFileSync('sh', ['-c', 'echo $COLOUR']).toString().trim();
      delete process.env.COLOUR;
      return seen`;
    expect((await run({ work: code(body) })).result.value).toBe('blue');
    const kept = 'process.env.COLOUR = 1; delete process.env.COLOUR; return process.pid';
    const first = await run({ work: code(kept) });
    expect((await run({ work: code('return process.pid') })).result).toEqual(first.result);
  });

  it('fails a block for an error that nobody caught', async () => {
    const body =
      "setTimeout(() => { throw new TypeError('late') }, 10); await new Promise((r) => setTimeout(r, 5000))";
    const error = await failure(run({ work: code(body) }));
    expect(error).toMatchObject({ code: 'block.failed', message: 'TypeError: late' });
  });

  it('says when its program is missing', async () => {
    const error = await failure(startHost({ command: 'no-such-program', args: [], env: {} }));
    expect(error).toMatchObject({ code: 'language.missing' });
  });

  it('shows the last words of a host that never got ready', async () => {
    const args = ['-e', "console.error('missing library'); process.exit(1)"];
    const error = await failure(startHost({ command: process.execPath, args, env: {} }));
    expect(error).toMatchObject({ code: 'host.lost' });
    expect((error as Error).message).toContain('missing library');
  });

  it.each(['for (;;) {}', 'await new Promise(() => {})'])(
    'dies with its worker, and all that it started, while its block does %s',
    async (body) => {
      const script = join(packageRoot, 'hosts', 'test-worker.ts');
      const work = code(`${DAEMON} console.log('pids', process.pid, String(pid)); ${body}`);
      const loader = nodeArguments('hosts/test-worker').slice(0, -1);
      const worker = spawn(process.execPath, [...loader, script, JSON.stringify(work)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      for await (const line of createInterface({ input: worker.stdout })) {
        const pids = /pids (\d+) (\d+)/.exec(line)?.slice(1).map(Number);
        if (!pids) continue;
        worker.kill('SIGKILL');
        await Promise.all(pids.map(gone));
        return;
      }
      throw new Error('The worker said nothing');
    },
  );
});

describe('a pool', () => {
  it('runs as many blocks at once as it may, and the others after them', async () => {
    const { pool: own, run: runOwn } = testPool({ max: 2 });
    const folder = JSON.stringify(newFolder());
    const body = `
      const files = () => readdirSync(${folder});
      const say = (what) => writeFileSync(${folder} + '/' + process.pid + what, '');
      const isLate = files().some((name) => name.endsWith('ended'));
      say('begun' + isLate);
      while (files().length < 2) await new Promise((r) => setTimeout(r, 10));
      await new Promise((r) => setTimeout(r, 300));
      say('ended');
      return isLate;`;
    const work = code(body, "import { readdirSync, writeFileSync } from 'node:fs';");
    const late = [1, 2, 3].map(async () => (await runOwn({ work })).result.value);
    expect((await Promise.all(late)).sort()).toEqual([false, false, true]);
    await own.close();
  });

  it('gives up waiting for a turn when the run is cancelled', async () => {
    const { pool: own, run: runOwn } = testPool({ max: 1 });
    const busy = runOwn({ work: code('await new Promise(() => {})') });
    const cancel = new AbortController();
    const waiting = runOwn({ work: code('return 1'), io: { signal: cancel.signal } });
    await sleep(0);
    cancel.abort(new Error('enough'));
    expect(await failure(waiting)).toMatchObject({ message: 'enough' });
    const [lost] = await Promise.all([failure(busy), own.close()]);
    expect(lost).toMatchObject({ code: 'host.lost' });
  });
});
