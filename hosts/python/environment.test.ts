import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ensureEnvironment } from './environment.ts';
import { findPython } from './find-python.ts';
import { requirementTexts } from './requirements.ts';
import { newFolder, writeFiles } from './test-host.ts';

/** A program that claims to be a Python of this version. */
function pythonOf(version: string): string {
  const file = join(newFolder(), 'python');
  writeFileSync(file, `#!/bin/sh\necho '["/somewhere/python", "/somewhere", [${version}]]'\n`);
  chmodSync(file, 0o755);
  return file;
}

test('the interpreter of the setting is used, and no other', async () => {
  const found = await findPython(pythonOf('3, 9, 0'));
  expect(found).toEqual({ command: '/somewhere/python', prefix: '/somewhere', version: '3.9.0' });
});

test('without a usable Python the error says what was tried and how to install it', async () => {
  const old = pythonOf('3, 8, 18');
  const refusal = findPython(old);
  await expect(refusal).rejects.toMatchObject({ code: 'language.missing' });
  await expect(refusal).rejects.toThrow(`(${old}: is 3.8.18)`);
  await expect(findPython('/no/python')).rejects.toThrow(
    /\(\/no\/python: not found\)\. Install it .*apt install python3.*brew install python.*HIGHWATER_PYTHON/,
  );
});

test('requirements are read with the files that they include, once each', () => {
  const folder = writeFiles({
    'requirements.txt': 'six\n-r more/others.txt\n--constraint=limits.txt\n-r requirements.txt\n',
    'more/others.txt': 'idna\n',
    'limits.txt': 'six<2\n',
  });
  expect(requirementTexts([join(folder, 'requirements.txt')]).slice(1)).toEqual([
    'idna\n',
    'six<2\n',
  ]);
});

test('a requirements file that is named but missing is an error', async () => {
  const request = { project: newFolder(), cache: newFolder(), requirements: 'needs.txt' };
  await expect(ensureEnvironment(request)).rejects.toMatchObject({ code: 'file.missing' });
});

test('a package that pip cannot install is an error with its last lines, and nothing is left', async () => {
  const project = writeFiles({ 'requirements.txt': './no-such-folder\n' });
  const cache = newFolder();
  const lines: string[] = [];
  const making = ensureEnvironment({ project, cache, onProgress: (line) => lines.push(line) });
  await expect(making).rejects.toMatchObject({ code: 'environment.failed' });
  await expect(making).rejects.toThrow('no-such-folder');
  expect(lines[0]).toBe('Creating a Python environment');
  expect(readdirSync(join(cache, 'python')).filter((name) => !name.endsWith('.lock'))).toEqual([]);
}, 60_000);

/** Makes an environment without packages; the answer is what the builder printed. */
function build(target: string): Promise<string> {
  const script = join(import.meta.dirname, 'build_environment.py');
  const none = join(writeFiles({ 'requirements.txt': '# none\n' }), 'requirements.txt');
  const child = spawn('python3', [script, target, none], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  return new Promise((resolve) => {
    child.on('close', () => {
      resolve(text);
    });
  });
}

test('of two processes that want what a killed one left half-made, one makes it anew', async () => {
  const target = join(newFolder(), 'environment');
  mkdirSync(join(target, 'bin'), { recursive: true });
  writeFileSync(join(target, 'half'), '');
  const texts = await Promise.all([build(target), build(target)]);
  expect(texts.filter((text) => text.includes('Creating')).length).toBe(1);
  expect(texts.filter((text) => text.includes('Waiting')).length).toBe(1);
  expect(existsSync(join(target, 'half'))).toBe(false);
  expect(existsSync(join(target, 'highwater-ready'))).toBe(true);
}, 60_000);

test('a build that is given up ends with all that it started', async () => {
  const stop = new AbortController();
  const building = ensureEnvironment({
    project: newFolder(),
    cache: newFolder(),
    signal: stop.signal,
    onProgress: () => {
      stop.abort();
    },
  });
  await expect(building).rejects.toMatchObject({ code: 'environment.failed' });
}, 30_000);
