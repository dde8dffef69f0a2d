import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { highwater } from '../support/highwater.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'highwater-help-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

test('every command shows with --help how it is used', async () => {
  const { out } = await highwater(['--help'], folder);
  const [, commands = ''] = out.split('Commands:\n');
  const names = [...commands.matchAll(/^ {2}([a-z]+)/gm)].map(([, name = '']) => name);

  const helps = new Map<string, string>();
  for (const name of names.filter((each) => each !== 'help')) {
    helps.set(name, (await highwater([name, '--help'], folder)).out);
  }

  expect(helps.size).toBeGreaterThan(20);
  for (const [name, help] of helps) {
    expect(help).toMatch(new RegExp(`Examples?:\n(.*\n)*? {2}\\$ highwater ${name}`));
  }
});

test.each([
  { words: 'frobnicate', says: "unknown command 'frobnicate'" },
  { words: 'runs --frobnicate', says: "unknown option '--frobnicate'" },
  { words: 'show', says: "missing required argument 'run'" },
  { words: 'runs', says: 'start it with "highwater dev", or set HIGHWATER_API' },
  { words: 'plan daily_sales', says: 'there is no highwater.yaml' },
])('"highwater $words" exits with 1 and says what is wrong', async ({ words, says }) => {
  const { code, out, err } = await highwater(words.split(' '), folder);
  expect(err).toContain(says);
  expect({ code, out }).toEqual({ code: 1, out: '' });
});
