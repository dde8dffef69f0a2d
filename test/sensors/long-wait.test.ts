import { afterAll, beforeAll, expect, test } from 'vitest';
import { claimPort } from '../../local/port.ts';
import { findTemporalBinary } from '../../local/temporal-binary.ts';
import { startTemporal, type RunningTemporal } from '../../local/temporal.ts';
import { readConfig } from '../../runtime/config.ts';
import { createGates, GATE, GATE_PARAMS } from '../limits/gate.ts';
import { startEngineAround, type Engine } from '../support/engine.ts';
import { createSurroundings } from '../support/processes.ts';
import { createProject, typescript } from '../support/project.ts';
import { until } from '../support/until.ts';

/** So short that a few blocks fill a history. */
const EVENTS = 60;
const LINKS = 12;

const CHAIN = Array.from({ length: LINKS }, (_, at) => {
  const after = at === 0 ? '' : `, after: [link_${at - 1}]`;
  return `  link_${at}: { kind: custom, file: one.ts${after} }\n`;
}).join('');

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
    'blocks/gate.ts': GATE,
    'blocks/one.ts': typescript('return 1;'),
    'blocks/sum.ts': typescript('return Number(inputs.one.value) + inputs.ready.value.length;'),
    'pipelines/holder.yaml': `${GATE_PARAMS}blocks:\n  hold: { kind: custom, file: gate.ts, pool: pen }\n`,
    'pipelines/long.yaml': `${GATE_PARAMS}blocks:
  ready: { kind: sensor, interval: 50ms, until: { file: '\${{ params.folder }}/arrived.go' } }
  hold: { kind: custom, file: one.ts, pool: pen }
  work: { kind: custom, file: gate.ts }
${CHAIN}  sum: { kind: custom, file: sum.ts, inputs: { one: link_${LINKS - 1}, ready: ready }, after: [hold, work] }
`,
  });
  const around = { ...(await createSurroundings(project)), temporal: temporal.address };
  engine = await startEngineAround(around);
});
afterAll(async () => {
  await engine.stop();
  await temporal.stop();
});

test('a sensor looks on while others work, and its run goes on in a new history when only waiting is left', async () => {
  const gates = await createGates();
  const start = (pipeline: string, name: string) =>
    engine.start(pipeline, { params: { folder: gates.folder, name } });
  const holder = await start('holder', 'holder');
  await gates.begun('holder');
  const { id, workflow_id } = await start('long', 'work');
  const history = () => engine.temporal.workflow.getHandle(workflow_id).describe();
  const block = async (name: string) =>
    (await engine.show(id)).blocks.find((candidate) => candidate.name === name);
  const checks = async () => (await block('ready'))?.checks ?? 0;
  await gates.begun('work');
  await until(async () => (await history()).historyLength >= EVENTS);

  const [{ runId }, before] = [await history(), await checks()];
  await until(async () => (await checks()) > before + 5);
  expect((await history()).runId).toBe(runId);

  await gates.letGo('work');
  await until(async () => (await history()).runId !== runId);
  const counted = await checks();
  expect(counted).toBeGreaterThan(before + 5);
  await until(async () => (await checks()) > counted + 5);
  await until(async () => (await block('hold'))?.reason?.code === 'pool');

  await gates.letGo('holder', 'arrived');
  const run = await engine.ended(id);
  expect(run.state).toBe('succeeded');
  expect(await engine.valueOf(id, 'sum')).toBe(2);
  expect(run.blocks.find(({ name }) => name === 'ready')?.history).toHaveLength(1);
  expect((await engine.ended(holder.id)).state).toBe('succeeded');
});
