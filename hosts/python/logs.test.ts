import { afterAll, beforeAll, expect, test } from 'vitest';
import { block, startHost, type Ended, type TestHost } from './test-host.ts';

let host: TestHost;

beforeAll(async () => {
  host = await startHost(process.env);
}, 180_000);

afterAll(async () => {
  host.requests.end();
  await host.exited;
});

const logsOf = ({ answers }: Ended) =>
  answers.flatMap((answer) =>
    answer.type === 'log'
      ? [{ level: answer.level, message: answer.message, fields: answer.fields }]
      : [],
  );

test('log lines keep their level and fields', async () => {
  const body = `
import numpy, datetime
log.debug("looked")
log.info("read", rows=numpy.int64(3), day=datetime.date(2001, 1, 2), share=float("nan"))
log.warning("careful")
log.error("broken")`;
  expect(logsOf(await host.run(block('log', body)))).toEqual([
    { level: 'debug', message: 'looked' },
    { level: 'info', message: 'read', fields: { rows: 3, day: '2001-01-02', share: 'nan' } },
    { level: 'warn', message: 'careful' },
    { level: 'error', message: 'broken' },
  ]);
});

test("Python's own logging and warnings become log lines", async () => {
  const body = `
import logging, warnings
logging.getLogger("mine").info("from %s", "logging")
warnings.warn("deprecated")`;
  expect(logsOf(await host.run(block('', body)))).toEqual([
    { level: 'info', message: 'from logging', fields: { logger: 'mine' } },
    { level: 'warn', message: 'UserWarning: deprecated', fields: { file: 'block.py', line: 7 } },
  ]);
});

test('prints of Python, of C and of child processes arrive whole and before the end', async () => {
  const body = `
import ctypes, os, sys
ctypes.CDLL(None).puts(b"from C")
print("from Python")
print("from stderr", file=sys.stderr)
os.system("echo from a child")
print("no line feed", end="")`;
  const { stdout, stderr } = await host.run(block('', body));
  expect(stdout.split('\n').sort()).toEqual(
    ['from C', 'from Python', 'from a child', 'no line feed'].sort(),
  );
  expect(stderr).toBe('from stderr\n');
});

test('fifty megabytes of prints arrive', async () => {
  const line = 'x'.repeat(99);
  const body = `for _ in range(500_000): print("${line}")`;
  const { stdout, answer } = await host.run(block('', body));
  expect(answer.type).toBe('result');
  expect(stdout.length).toBe(50_000_000);
}, 60_000);

test('a message, fields and an error of megabytes are cut', async () => {
  const body = `
log.info("m" * 20_000_000)
log.info("fields", text="f" * 20_000_000)
raise ValueError("e" * 20_000_000)`;
  const ended = await host.run(block('log', body));
  const [message, fields] = logsOf(ended);
  expect(message?.message).toMatch(/m… \(19983616 more characters were dropped\)$/);
  expect(fields?.fields).toEqual({ dropped: 'fields of 20000012 characters' });
  expect(JSON.stringify(ended.answer).length).toBeLessThan(200_000);
});

test('bytes that are no UTF-8, and half surrogates, do no harm', async () => {
  const body = 'print("\\udc80")\nlog.info("half \\ud800")\nreturn "\\ud800"';
  const ended = await host.run(block('log', body));
  expect(ended.stdout).toBe('\\udc80\n');
  expect(ended.answer).toMatchObject({ result: { value: '\ud800' } });
});

test('a forked child prints its log lines instead of breaking the channel', async () => {
  const body = `
import os
child = os.fork()
if child == 0:
    log.info("from the child")
    os._exit(0)
os.waitpid(child, 0)
return "whole"`;
  const ended = await host.run(block('log', body));
  expect(ended.stderr).toBe('from the child\n');
  expect(ended.answer).toMatchObject({ result: { value: 'whole' } });
});

test('peak memory and processor time are those of the block', async () => {
  const small = await host.run(block('', 'return 1'));
  const large = await host.run(block('', 'data = bytes(range(256)) * 800_000\nreturn len(data)'));
  const again = await host.run(block('', 'return 1'));
  expect(large.answer.usage.peakMemoryBytes).toBeGreaterThan(200_000_000);
  expect(small.answer.usage.peakMemoryBytes).toBeLessThan(100_000_000);
  expect(large.answer.usage.cpuMs).toBeGreaterThan(1);
  expect(Number.isInteger(large.answer.usage.cpuMs)).toBe(true);
  if (process.platform === 'linux') {
    expect(again.answer.usage.peakMemoryBytes).toBeLessThan(100_000_000);
  }
});
