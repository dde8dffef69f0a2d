import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { MARK } from '../process-family.ts';
import { block, startHost, type TestHost } from './test-host.ts';

const pidOf = (host: TestHost): number => {
  if (host.child.pid === undefined) throw new Error('the host did not start');
  return host.child.pid;
};

const isAlive = (pid: number): boolean => {
  try {
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
  } catch {
    return false;
  }
};

test('cancelling runs what stands under finally, passes by except Exception, and then ends the host', async () => {
  const host = await startHost(process.env);
  const body = `
import time
try:
    log.info("busy")
    time.sleep(600)
except Exception:
    print("swallowed")
finally:
    print("cleaned up")`;
  const { ended, says } = host.start(block('log', body));
  await says('busy');
  process.kill(pidOf(host), 'SIGTERM');
  const { answer, stdout } = await ended;
  expect(answer).toMatchObject({
    type: 'error',
    error: { message: 'The block was cancelled', retryable: false },
  });
  expect(stdout).toBe('cleaned up\n');

  expect(await host.exited).toBe(0);
}, 180_000);

test('cancelling in the middle of logging never breaks a line', async () => {
  const host = await startHost(process.env);
  const { ended, says } = host.start(block('log', 'while True: log.info("busy" * 1000)'));
  await says('busy');
  process.kill(pidOf(host), 'SIGTERM');
  const { answer } = await ended;
  expect(answer).toMatchObject({ type: 'error', error: { message: 'The block was cancelled' } });
  await host.exited;
});

test('SIGTERM ends an idle host', async () => {
  const host = await startHost(process.env);
  process.kill(pidOf(host), 'SIGTERM');
  expect(await host.exited).toBe(0);
});

test('a block that leaves threads or child processes behind makes its host spent', async () => {
  const host = await startHost(process.env);
  const spent = async (body: string) => (await host.run(block('', body))).answer.spent;
  expect(await spent('import subprocess\nsubprocess.run(["true"])')).toBe(false);
  expect(await spent('import subprocess\nsubprocess.Popen(["sleep", "600"])')).toBe(true);
  process.kill(-pidOf(host), 'SIGKILL');
  await host.exited;

  const other = await startHost(process.env);
  const thread =
    'import threading\nthreading.Thread(target=threading.Event().wait, daemon=True).start()';
  expect((await other.run(block('', thread))).answer.spent).toBe(true);
  other.requests.end();
  await other.exited;
});

test('a host whose worker is gone ends at once, with what its block started, also in sessions of its own', async () => {
  const host = await startHost({ ...process.env, [MARK]: randomUUID() });
  const body = `
import subprocess
for apart in (False, True):
    subprocess.Popen(["sleep", "600"], start_new_session=apart)
log.info("started")
while True: sum(range(1000))`;
  const { ended, says } = host.start(block('log', body));
  ended.catch(() => undefined);
  const heard = says('started');
  await heard;
  const children = childrenOf(pidOf(host));
  expect(children).toHaveLength(2);
  host.requests.destroy();
  await host.exited;
  await expect.poll(() => children.filter(isAlive)).toEqual([]);
});

test('a killed host reports nothing, and its exit is seen', async () => {
  const host = await startHost(process.env);
  const { ended, says } = host.start(
    block('log', 'log.info("busy")\nimport time\ntime.sleep(600)'),
  );
  await says('busy');
  process.kill(pidOf(host), 'SIGKILL');
  await expect(ended).rejects.toThrow('the host ended');
  expect(await host.exited).toBe('SIGKILL');
});

test('an idle host ends when its worker closes the channel', async () => {
  const host = await startHost(process.env);
  host.requests.end();
  await host.exited;
  expect(isAlive(pidOf(host))).toBe(false);
});

function childrenOf(pid: number): number[] {
  const said = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return said.trim().split(' ').map(Number);
}
