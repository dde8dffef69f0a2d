import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { backfillsOf } from '../support/backfills.ts';
import { startEngine, type Engine } from '../support/engine.ts';
import { until } from '../support/until.ts';

/** Says yes once there is a file of the day with which the run's interval begins. */
const HAS_ARRIVED = `from pathlib import Path
from highwater import block


@block
def has_arrived(*, params, run, log):
    day = run["intervalStart"][:10]
    log.info("looking", day=day, attempt=run["attempt"])
    found = Path(params["folder"]) / f"{day}.csv"
    return str(found) if found.exists() else False
`;

const FAILS_TWICE = `from pathlib import Path
from highwater import block


@block
def fails_twice(*, params, run):
    if run["attempt"] < 3:
        raise ValueError("no answer from the store")
    return {"interval": [run["intervalStart"], run["intervalEnd"]], "at": run["scheduledAt"]}
`;

const DAY = { from: '2026-03-01', to: '2026-03-02', every: '1d' };
const START = '2026-03-01T00:00:00.000Z';
const END = '2026-03-02T00:00:00.000Z';

const sensor = (file: string) => `params: { folder: { type: string, default: nowhere } }
blocks:
  ready: { kind: sensor, file: ${file}, interval: 100ms, retry: { attempts: 3, initial_interval: 20ms } }
  read: { kind: transformer, file: read.py, inputs: [ready] }
`;

let engine: Engine;

beforeAll(async () => {
  engine = await startEngine({
    'blocks/has_arrived.py': HAS_ARRIVED,
    'blocks/fails_twice.py': FAILS_TWICE,
    'blocks/read.py':
      'from highwater import block\n\n\n@block\ndef read(ready):\n    return {"got": ready}\n',
    'pipelines/arrival.yaml': sensor('has_arrived.py'),
    'pipelines/wobbly.yaml': sensor('fails_twice.py'),
  });
});
afterAll(() => engine.stop());

/** The run of a pipeline for that day. */
async function startForDay(pipeline: string, params: Record<string, string> = {}): Promise<number> {
  const backfills = backfillsOf(engine);
  const { id } = await backfills.start({ pipeline, ...DAY, params });
  return until(async () => (await backfills.intervals(id))[0]?.run);
}

test('code in Python looks for what its run is about, check by check, and hands on what it found', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'python-sensor-'));
  const id = await startForDay('arrival', { folder });
  await until(async () => ((await engine.show(id)).blocks[0]?.checks ?? 0) >= 2);
  expect((await engine.show(id)).blocks[0]?.reason?.message).toBe('it answered false');

  await writeFile(join(folder, '2026-03-01.csv'), '');
  const run = await engine.ended(id);

  expect(run.state).toBe('succeeded');
  expect(await engine.valueOf(id, 'read')).toEqual({ got: join(folder, '2026-03-01.csv') });
  const { checks = 0, history } = run.blocks[0] ?? {};
  expect(history).toHaveLength(1);
  const looks = (await engine.logs(id)).map(({ fields }) => fields);
  expect(looks).toEqual(
    Array.from({ length: checks }, (_, at) => ({ day: '2026-03-01', attempt: at + 1 })),
  );
});

test('code in Python that fails is tried again, and knows the interval of its run', async () => {
  const id = await startForDay('wobbly');

  const run = await engine.ended(id);

  expect([run.state, run.blocks[0]?.checks]).toEqual(['succeeded', 3]);
  expect(await engine.valueOf(id, 'ready')).toEqual({ interval: [START, END], at: END });
});
