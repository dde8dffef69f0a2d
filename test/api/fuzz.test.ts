import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pythonWith } from '../support/watcher-sdk.ts';
import { startTestApi, type TestApi } from './test-api.ts';

const FUZZER = 'schemathesis==4.32.5';
/** `npm run test:fuzz` makes more, and others each time. */
const { FUZZ_EXAMPLES } = process.env;
const AMOUNT = FUZZ_EXAMPLES
  ? ['--max-examples', FUZZ_EXAMPLES]
  : ['--max-examples', '5', '--seed', '1'];

let api: TestApi;
let python: string;

beforeAll(async () => {
  python = await pythonWith(FUZZER);
  api = await startTestApi();
}, 600_000);
afterAll(() => api.stop());

test('whatever the OpenAPI document lets somebody send, nothing answers with a 5xx', async () => {
  const { code, out } = await fuzz([
    ...['run', `${api.url}/openapi.json`, '--checks', 'not_a_server_error'],
    ...['--phases', 'coverage,fuzzing', '--mode', 'all', '--workers', '2', ...AMOUNT],
    ...['--generation-database', ':memory:', '--request-timeout', '40'],
    ...['--warnings', 'off', '--no-color'],
  ]);
  expect(code, out).toBe(0);
  expect(out).toMatch(/^ *(\d+) generated, \1 passed$/m);
  expect((await api.get('/health/ready')).status).toBe(200);
}, 1_800_000);

async function fuzz(args: readonly string[]): Promise<{ code: number; out: string }> {
  // It leaves a folder where it works.
  const options = { maxBuffer: 64 * 1024 * 1024, cwd: tmpdir() };
  try {
    const given = ['-m', 'schemathesis.cli', ...args];
    const { stdout } = await promisify(execFile)(python, given, options);
    return { code: 0, out: stdout };
  } catch (error) {
    const { code, stdout = '', stderr = '' } = error as Failed;
    return { code: code ?? 1, out: stdout + stderr };
  }
}

interface Failed {
  readonly code?: number;
  readonly stdout?: string;
  readonly stderr?: string;
}
