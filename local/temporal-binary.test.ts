import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { findTemporalBinary, type BinaryOptions } from './temporal-binary.ts';

const NOTHING = '/nowhere';

function createFolder(): string {
  return mkdtempSync(join(tmpdir(), 'highwater-binary-'));
}

function writeProgram(path: string): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, '#!/bin/sh\nexit 0\n', { mode: 0o755 });
  return path;
}

function find(changes: Partial<BinaryOptions>): Promise<string> {
  const env = { PATH: NOTHING };
  return findTemporalBinary({
    path: undefined,
    cache: NOTHING,
    env,
    log: () => undefined,
    ...changes,
  });
}

test('the program that TEMPORAL_CLI_PATH names comes first', async () => {
  const folder = createFolder();
  const path = writeProgram(join(folder, 'mine'));
  writeProgram(join(folder, 'temporal'));

  expect(await find({ path, env: { PATH: folder } })).toBe(path);
});

test('a TEMPORAL_CLI_PATH that names no program is an error, not passed over', async () => {
  await expect(find({ path: join(NOTHING, 'temporal') })).rejects.toMatchObject({
    code: 'temporal.missing',
    message: expect.stringContaining('TEMPORAL_CLI_PATH') as string,
  });
});

test('the program on the PATH comes before what is kept', async () => {
  const [folder, cache] = [createFolder(), createFolder()];
  writeProgram(join(folder, 'temporal'));
  writeProgram(join(cache, 'temporal-cli-v1.5.1', 'temporal'));

  expect(await find({ cache, env: { PATH: folder } })).toBe('temporal');
});

test.each(['temporal-cli-v1.5.1/temporal', 'temporal-download/temporal-sdk-typescript-1.24.0'])(
  'what was kept as %s is used again',
  async (file) => {
    const cache = createFolder();
    const program = writeProgram(join(cache, file));

    expect(await find({ cache })).toBe(program);
  },
);
