import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, test } from 'vitest';
import { nodeHost } from './node/command.ts';
import { createHostPool } from './pool.ts';
import { code, newFolder } from './test-pool.ts';

const projectDir = newFolder();
const slow = async (tell: (line: string) => void) => {
  tell('installing packages');
  await sleep(2_500);
  return nodeHost({ env: { PATH: '/usr/bin:/bin' }, projectDir });
};
const pool = createHostPool({ commands: { typescript: slow, python: slow }, max: 2 });

afterAll(() => pool.close());

test("a block's time begins when there is a host for it, and meanwhile it hears what it waits for", async () => {
  const lines: string[] = [];
  const request = {
    work: code('return { ok: true };'),
    inputs: [],
    params: {},
    watermark: null,
    run: {
      ...{ id: 1, key: 'k', pipeline: 'p', block: 'b', attempt: 1 },
      ...{ scheduledAt: null, intervalStart: null, intervalEnd: null },
    },
    output: { folder: newFolder(), inlineBytes: 65_536, watermarkColumn: null },
    projectDir,
  };
  const done = await pool.run('typescript', request, {
    onLog: (_level, line) => lines.push(line),
    timeoutMs: 2_400,
  });
  expect(done.result.value).toEqual({ ok: true });
  expect(lines).toEqual(['installing packages']);
});
