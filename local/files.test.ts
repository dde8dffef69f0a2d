import { mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openLineLog } from './line-log.ts';
import { withLock } from './lock.ts';
import { shortLine } from './short-line.ts';
import { markOf, readStack, writeStack, type Stack } from './stack-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'highwater-files-'));

test('a full log moves aside, and nothing of it is lost', () => {
  const file = join(folder, 'full.log');
  writeFileSync(file, 'x'.repeat(11 * 1024 * 1024));

  const write = openLineLog(file);
  write('first');
  write('second');

  expect(readFileSync(file, 'utf8')).toBe('first\nsecond\n');
  expect(statSync(`${file}.1`).size).toBe(11 * 1024 * 1024);
});

test('only one holder of a lock works at a time', async () => {
  const file = join(folder, 'held.lock');
  let inside = 0;
  let most = 0;
  const work = async () => {
    most = Math.max(most, ++inside);
    await new Promise((resolve) => setImmediate(resolve));
    inside -= 1;
  };

  await Promise.all([1, 2, 3].map(() => withLock(file, work)));

  expect(most).toBe(1);
});

test('the lock of a process that is gone is taken over', async () => {
  const file = join(folder, 'dead.lock');
  writeFileSync(file, `${process.pid} started-at-another-time`);

  expect(await withLock(file, () => Promise.resolve('done'))).toBe('done');
});

test('a stack is found by what was written of it', async () => {
  const stack: Stack = {
    state: 'ready',
    supervisor: await markOf(process.pid),
    ...{ api: 'http://localhost:1', temporal: '', temporalUi: '', databaseUrl: '' },
    components: [],
  };

  await writeStack(folder, stack);

  expect(await readStack(folder)).toEqual(stack);
  expect(statSync(join(folder, 'stack.json')).mode & 0o077).toBe(0);
  expect(await readStack(join(folder, 'elsewhere'))).toBeUndefined();
});

test('a JSON log line becomes short, any other stays as it is', () => {
  const entry = {
    level: 40,
    time: 1,
    pid: 2,
    name: 'api',
    msg: 'run lost',
    run: 7,
    err: { message: 'gone' },
  };

  expect(shortLine('api', JSON.stringify(entry))).toBe('api       warn run lost run=7 gone');
  expect(shortLine('worker', 'panic: {')).toBe('worker    panic: {');
});
