import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { startEngineAround, type Engine } from '../support/engine.ts';
import { createSurroundings } from '../support/processes.ts';
import { createProject, typescript } from '../support/project.ts';
import { until } from '../support/until.ts';
import { createGates, GATE, GATE_PARAMS, type Gates } from './gate.ts';

let engine: Engine;
let gates: Gates;

beforeAll(async () => {
  const project = await createProject({
    'blocks/gate.ts': GATE,
    'blocks/slow.ts': typescript('await sleep(60_000, undefined, { signal });'),
    'pipelines/work.yaml': `${GATE_PARAMS}blocks:\n  hold: { kind: custom, file: gate.ts }\n`,
    'pipelines/slow.yaml': 'blocks:\n  ready: { kind: sensor, file: slow.ts, interval: 1s }\n',
  });
  const around = await createSurroundings(project);
  engine = await startEngineAround(around, { worker: { HIGHWATER_SLOTS: '1' } });
});
afterAll(() => engine.stop());
beforeEach(async () => {
  gates = await createGates();
});

const start = (name: string, priority?: number) =>
  engine.start('work', {
    params: { folder: gates.folder, name },
    ...(priority !== undefined && { priority }),
  });

/** Its block has been handed to Temporal, and waits there for a slot. */
const untilScheduled = (workflowId: string) =>
  until(async () => {
    const { raw } = await engine.temporal.workflow.getHandle(workflowId).describe();
    return (raw.pendingActivities ?? []).length > 0;
  });

test('when a worker has too few slots, the blocks of the most urgent run go first', async () => {
  await start('first');
  await gates.begun('first');
  const order: [string, number | undefined][] = [
    ['late', 5],
    ['usual', undefined],
    ['soon', 1],
  ];
  const ids: number[] = [];
  for (const [name, priority] of order) {
    const { id, workflow_id } = await start(name, priority);
    await untilScheduled(workflow_id);
    ids.push(id);
  }
  const names = ['first', 'soon', 'usual', 'late'];

  for (const [at, name] of names.entries()) {
    await gates.begun(name);
    expect(names.slice(at + 1).filter((later) => gates.hasBegun(later))).toEqual([]);
    await gates.letGo(name);
  }
  for (const id of ids) expect((await engine.ended(id)).state).toBe('succeeded');
});

test('however many checks are under way, and however slow they are, a block has its slot and its host', async () => {
  const sensors = await Promise.all(Array.from({ length: 5 }, () => engine.start('slow')));
  await Promise.all(sensors.map(({ workflow_id }) => untilLooking(workflow_id)));

  const { id } = await start('beside');
  await gates.begun('beside');
  await gates.letGo('beside');

  expect((await engine.ended(id)).state).toBe('succeeded');
  await Promise.all(sensors.map((run) => engine.cancel(run.id)));
  for (const sensor of sensors) expect((await engine.ended(sensor.id)).state).toBe('cancelled');
});

/** As Temporal numbers the states of an activity. */
const STARTED = 2;

const untilLooking = (workflowId: string) =>
  until(async () => {
    const { raw } = await engine.temporal.workflow.getHandle(workflowId).describe();
    return Number(raw.pendingActivities?.[0]?.state) === STARTED;
  });
