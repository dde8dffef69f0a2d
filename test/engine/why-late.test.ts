import { sql } from 'kysely';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WhyLate } from '../../api/contract/why-late.ts';
import { startEngine, type Engine } from '../support/engine.ts';
import { highwater } from '../support/highwater.ts';
import { typescript } from '../support/project.ts';
import { until } from '../support/until.ts';

let engine: Engine;

beforeAll(async () => {
  engine = await startEngine({
    'blocks/fail.ts': typescript("throw new Error('the shop is closed');"),
    'blocks/maybe.ts': typescript(
      "if (existsSync('slow')) await sleep(600_000, undefined, { signal });",
    ),
    'pipelines/broken.yaml':
      'timeliness: { number: 1, datepart: hour }\nblocks:\n  load: { kind: custom, file: fail.ts }\n',
    'pipelines/around.yaml': 'blocks:\n  below: { kind: pipeline, pipeline: broken }\n',
    'pipelines/patient.yaml':
      'blocks:\n  load: { kind: custom, file: fail.ts, retry: { attempts: 3, initial_interval: 5m, max_interval: 5m } }\n',
    'pipelines/slow.yaml': 'blocks:\n  load: { kind: custom, file: maybe.ts }\n',
  });
});
afterAll(() => engine.stop());

async function why(pipeline: string): Promise<WhyLate> {
  const { code, out, err } = await highwater(['why', pipeline, '--json'], engine.around.project, {
    HIGHWATER_API: engine.url,
  });
  expect([code, err]).toEqual([0, '']);
  return WhyLate.parse(JSON.parse(out));
}

test('a failing block is named with its error, and how often it failed in a row', async () => {
  await engine.run('broken');
  const last = await engine.run('broken');
  await sql`
    update pipeline_execution set start_date = start_date - interval '2 hours',
      end_date = end_date - interval '1 hour'`.execute(engine.db);

  const { late, timeliness, causes } = await why('broken');

  expect([late, timeliness.reason]).toEqual([true, 'failed']);
  expect(causes).toMatchObject([{ kind: 'failing', run: last.id, block: 'load', depth: 0 }]);
  expect(causes[0]?.message).toContain('the shop is closed');
  expect(causes[0]?.evidence).toContainEqual({ key: 'failures in a row', value: '2' });
});

test('a failing sub-pipeline explains the pipeline around it', async () => {
  await engine.run('around');

  const { causes } = await why('around');

  expect(causes.map(({ kind, pipeline, depth }) => [kind, pipeline, depth])).toEqual([
    ['failing', 'around', 0],
    ['failing', 'broken', 1],
  ]);
});

test('a block that is tried again is named with its last error', async () => {
  const { id } = await engine.start('patient');
  await until(async () => (await engine.show(id)).blocks[0]?.error);

  const { causes } = await why('patient');

  expect(causes).toMatchObject([{ kind: 'retrying', run: id, block: 'load' }]);
  expect(causes[0]?.message).toContain('the shop is closed');
  await engine.cancel(id);
});

test('a block that takes longer than it usually does is slow', async () => {
  for (let run = 0; run < 3; run += 1) await engine.run('slow');
  await writeFile(join(engine.around.project, 'slow'), '');
  const { id } = await engine.start('slow');

  const { causes } = await until(async () => {
    const found = await why('slow');
    // Before the block's own row is there, the whole run is what is slow.
    return found.causes.some(({ block }) => block !== null) ? found : undefined;
  });

  expect(causes).toMatchObject([{ kind: 'slow', run: id, block: 'load' }]);
  expect(causes[0]?.evidence).toContainEqual({
    key: 'usually',
    value: expect.stringMatching(/, the median of 3 runs$/) as string,
  });
  await engine.cancel(id);
});

test('the command tells it in words', async () => {
  const { out } = await highwater(['why', 'broken'], engine.around.project, {
    HIGHWATER_API: engine.url,
  });

  expect(out).toMatch(/^broken is late since .*: Run \d+ failed, and none has succeeded since/);
  expect(out).toContain('• broken fails: block load of run');
});
