import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { claimPort } from '../../local/port.ts';
import { findTemporalBinary } from '../../local/temporal-binary.ts';
import { startTemporal, type RunningTemporal } from '../../local/temporal.ts';
import { readConfig } from '../../runtime/config.ts';
import { startEngineAround, type Engine } from '../support/engine.ts';
import { createSurroundings } from '../support/processes.ts';
import { createProject, typescript } from '../support/project.ts';
import { until } from '../support/until.ts';

/** So short that a few checks fill a history. */
const EVENTS = 60;
const CHECKS = 40;

let temporal: RunningTemporal;
let engine: Engine;

beforeAll(async () => {
  const { temporalCliPath: path, cache } = readConfig(process.env);
  const log = () => undefined;
  temporal = await startTemporal({
    binary: await findTemporalBinary({ path, cache, env: process.env, log }),
    port: await claimPort(0, 'a test', 'none'),
    uiPort: await claimPort(0, 'a test', 'none'),
    tuning: { 'limit.historyCount.suggestContinueAsNew': EVENTS },
    ...{ namespace: 'default', env: process.env, log },
  });
  const project = await createProject({
    'highwater.yaml': 'name: test\npools: { pen: { slots: 1 } }\n',
    'blocks/one.ts': typescript('return 1;'),
    'blocks/sum.ts': typescript('return Number(inputs.one.value) + inputs.ready.value.length;'),
    'blocks/hold.ts': typescript(
      "while (!existsSync(String(params.folder) + '/go')) await sleep(20, undefined, { signal });",
    ),
    'pipelines/long.yaml': `params: { folder: { type: string } }
blocks:
  one: { kind: custom, file: one.ts }
  ready: { kind: sensor, interval: 20ms, until: { file: '\${{ params.folder }}/go' } }
  hold: { kind: custom, file: hold.ts, pool: pen }
  sum: { kind: custom, file: sum.ts, inputs: [one, ready], after: [hold] }
`,
  });
  engine = await startEngineAround({
    ...(await createSurroundings(project)),
    temporal: temporal.address,
  });
});
afterAll(async () => {
  await engine.stop();
  await temporal.stop();
});

test('a sensor goes on counting where it was when its run continues as new, and so does a block that waits for a pool', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'long-'));
  const holder = await engine.start('long', { params: { folder } });
  await until(async () => (await engine.show(holder.id)).blocks[2]?.state === 'running');
  const { id } = await engine.start('long', { params: { folder } });
  await until(async () => {
    const [, ready, hold] = (await engine.show(id)).blocks;
    return (ready?.checks ?? 0) >= CHECKS && hold?.reason?.code === 'pool';
  }, 50_000);

  await writeFile(join(folder, 'go'), '');
  const run = await engine.ended(id);

  expect(run.state).toBe('succeeded');
  expect(await engine.valueOf(id, 'sum')).toBe(2);
  expect(run.blocks[1]?.history).toHaveLength(1);
  const last = await engine.temporal.workflow.getHandle(run.workflow_id).describe();
  expect(last.raw.workflowExecutionInfo?.firstRunId).not.toBe(last.runId);
  expect(last.historyLength).toBeLessThan(4 * EVENTS);
  expect((await engine.ended(holder.id)).state).toBe('succeeded');
});
