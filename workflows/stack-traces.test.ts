import { transformSync } from 'esbuild';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createContext, runInContext, type Context } from 'node:vm';
import { beforeEach, expect, test } from 'vitest';

const require = createRequire(import.meta.url);
const sdk = readFileSync(require.resolve('@temporalio/worker/lib/workflow/vm-shared.js'), 'utf8');
/** What the SDK that is installed asks the realm of a promise for. */
const questions = [...sdk.matchAll(/'(return globalThis\.\w+)'/g)].map(([, code]) => code ?? '');

let realm: Context;

beforeEach(() => {
  realm = createContext({ __TEMPORAL_ACTIVATOR__: 'whose it is' });
  const source = readFileSync(new URL('./stack-traces.ts', import.meta.url), 'utf8');
  runInContext(transformSync(source, { loader: 'ts', format: 'iife' }).code, realm);
});

function ask(code: string): unknown {
  const promise = runInContext('Promise.resolve()', realm) as Promise<void>;
  const compile = promise.constructor.constructor as (code: string) => () => unknown;
  return compile(code)();
}

test('the SDK hears whose a promise is, and has no stack to keep with it', () => {
  const [whose = '', error = ''] = questions;

  expect(questions).toHaveLength(2);
  expect(ask(whose)).toBe('whose it is');
  const Untraced = ask(error) as new () => { readonly stack?: string };
  expect(new Untraced().stack).toBeUndefined();
});

test('what else is asked for is found as ever', () => {
  expect(ask('return 1 + 1')).toBe(2);
});

test('an error has its stack', () => {
  expect(runInContext('new Error("refused").stack', realm)).toMatch(/refused\n +at /);
});
