import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ExpectedStart } from '../../metadata/expected-starts.ts';
import { openDeadlineWorld, type DeadlineWorld } from '../support/deadline-world.ts';

let world: DeadlineWorld;

beforeAll(async () => {
  world = await openDeadlineWorld();
});
afterAll(() => world.close());

async function logged(pipeline: number) {
  return world.db
    .selectFrom('timeliness_pipeline_execution_log')
    .select(['pipeline_execution_id as id', 'execution_status as status', 'duration_seconds'])
    .select(['seconds_threshold', 'timely_number', 'timely_datepart', 'used_child_config'])
    .where('pipeline_id', '=', pipeline)
    .orderBy('pipeline_execution_id')
    .execute();
}

async function addNightly(name: string): Promise<number> {
  return world.addPipeline(name, { timeliness: [20, 'minute'] });
}

test('an open run is late after its deadline: logged and told once', async () => {
  const nightly = await addNightly('open');
  const inTime = await world.begin(nightly, 19);
  const late = await world.begin(nightly, 30);

  await world.check();
  await world.check();

  expect(await world.standing(nightly, 'timeliness')).toBe('late: still_running');
  expect(await world.told()).toEqual([`timeliness/run/${late}`]);
  expect(await logged(nightly)).toEqual([
    {
      ...{ id: late, status: 'running', seconds_threshold: 1_200 },
      duration_seconds: expect.closeTo(1_800, -2) as number,
      ...{ timely_number: 20, timely_datepart: 'minute', used_child_config: true },
    },
  ]);
  const rows = await world.db
    .selectFrom('pipeline_execution')
    .select(['id', 'late_since'])
    .where('id', 'in', [inTime, late])
    .orderBy('id')
    .execute();
  expect(rows.map(({ late_since }) => late_since !== null)).toEqual([false, true]);
});

test('a late run that succeeds is over, and the pipeline late until the next run ends in time', async () => {
  const nightly = await addNightly('recovers');
  const late = await world.begin(nightly, 30);
  await world.check();
  await world.told();

  await world.end(late, 0);
  await world.check();
  expect(await world.told()).toEqual([`timeliness/run/${late} recovered`]);
  expect(await world.standing(nightly, 'timeliness')).toBe('late: ended_late');

  await world.end(await world.begin(nightly, 5), 0);
  await world.check();
  expect(await world.standing(nightly, 'timeliness')).toBe('on_time: ended_in_time');
  expect(await logged(nightly)).toMatchObject([{ status: 'running' }]);
});

test('a run that ended late before anybody looked is told, and over with the next success', async () => {
  const nightly = await addNightly('belated');
  const late = await world.begin(nightly, 60);
  await world.end(late, 30);

  await world.check();
  expect(await world.told()).toEqual([`timeliness/run/${late}`]);
  expect(await logged(nightly)).toMatchObject([
    { status: 'completed', duration_seconds: expect.closeTo(1_800, -2) as number },
  ]);

  await world.end(await world.begin(nightly, 5), 0);
  await world.check();
  expect(await world.told()).toEqual([`timeliness/run/${late} recovered`]);
});

test('a failed run is late when nothing succeeded by its deadline, and over with a success', async () => {
  const nightly = await addNightly('failing');
  const failed = await world.begin(nightly, 15);
  await world.end(failed, 10, 'failed');
  await world.check();
  expect(await world.standing(nightly, 'timeliness')).toBe('waiting: no_success_yet');

  await world.db
    .updateTable('pipeline_execution')
    .set({ start_date: new Date(Date.now() - 21 * 60_000) })
    .where('id', '=', failed)
    .execute();
  await world.check();
  expect(await world.standing(nightly, 'timeliness')).toBe('late: failed');
  expect(await world.told()).toEqual([`timeliness/failing/${nightly}`]);
  expect(await logged(nightly)).toEqual([]);

  await world.end(await world.begin(nightly, 5), 0);
  await world.check();
  expect(await world.told()).toEqual([`timeliness/failing/${nightly} recovered`]);
  expect(await world.standing(nightly, 'timeliness')).toBe('on_time: ended_in_time');
});

test('a run that was never ended does not keep later successes from being in time', async () => {
  const nightly = await addNightly('abandoned');
  const abandoned = await world.begin(nightly, 600);
  await world.check();
  await world.told();

  await world.end(await world.begin(nightly, 5), 0);
  await world.check();

  expect(await world.standing(nightly, 'timeliness')).toBe('on_time: ended_in_time');
  expect(await world.told()).toEqual([`timeliness/run/${abandoned} recovered`]);
  await world.check();
  expect(await world.told()).toEqual([]);
});

test('a run that was cancelled is no failure', async () => {
  const nightly = await addNightly('cancelled');
  await world.end(await world.begin(nightly, 60), 50, 'cancelled');

  await world.check();

  expect(await world.standing(nightly, 'timeliness')).toBe('waiting: no_success_yet');
});

test('runs of muted and of inactive pipelines are not logged, until they are of interest again', async () => {
  const muted = await addNightly('muted');
  const inactive = await addNightly('inactive');
  await world.set(muted, { mute_timeliness_check: true });
  await world.set(inactive, { active: false });
  const [quiet, idle] = [await world.begin(muted, 30), await world.begin(inactive, 30)];

  await world.check();
  expect(await world.told()).toEqual([]);
  expect(await world.standing(muted, 'timeliness')).toBe('late: still_running');
  expect(await world.standing(inactive, 'timeliness')).toBeUndefined();

  await world.set(muted, { mute_timeliness_check: false });
  await world.set(inactive, { active: true });
  await world.check();
  expect((await world.told()).sort()).toEqual([
    `timeliness/run/${quiet}`,
    `timeliness/run/${idle}`,
  ]);
});

test('a run that ended late under a mute is told when that is lifted, unless one has succeeded since', async () => {
  const [muted, over] = [await addNightly('ended_under_mute'), await addNightly('over_under_mute')];
  const runs: number[] = [];
  for (const nightly of [muted, over]) {
    await world.set(nightly, { mute_timeliness_check: true });
    const late = await world.begin(nightly, 60);
    await world.end(late, 30);
    runs.push(late);
  }
  await world.check();
  await world.end(await world.begin(over, 5), 0);
  await world.check();
  expect(await world.told()).toEqual([]);
  expect(await logged(muted)).toEqual([]);

  for (const nightly of [muted, over]) await world.set(nightly, { mute_timeliness_check: false });
  await world.check();
  await world.check();
  expect(await world.told()).toEqual([`timeliness/run/${runs[0]}`]);
  expect(await logged(muted)).toMatchObject([
    { status: 'completed', duration_seconds: expect.closeTo(1_800, -2) as number },
  ]);

  await world.end(await world.begin(muted, 5), 0);
  await world.check();
  expect(await world.told()).toEqual([`timeliness/run/${runs[0]} recovered`]);
});

test('runs of a pipeline whose file is gone are not logged, unless they were asked for after it', async () => {
  const gone = await addNightly('gone');
  const id = await world.begin(gone, 30);
  await world.set(gone, { removed_at: new Date(Date.now() + 60_000) });
  await world.check();
  expect(await world.told()).toEqual([]);

  await world.set(gone, { removed_at: new Date(0) });
  await world.check();
  expect(await world.told()).toEqual([`timeliness/run/${id}`]);
});

test('a month is a month of the calendar', async () => {
  const monthly = await world.addPipeline('monthly', { timeliness: [1, 'month'] });
  const day = 24 * 60;
  const inTime = await world.begin(monthly, 27 * day);
  const late = await world.begin(monthly, 32 * day);

  await world.check();

  expect(await world.told()).toEqual([`timeliness/run/${late}`]);
  expect(inTime).toBeLessThan(late);
});

test('looking back finds what was promised only afterwards', async () => {
  const late = await world.addPipeline('promised_late');
  const run = await world.begin(late, 50);
  await world.end(run, 20);
  await world.check();
  await world.set(late, { timeliness_number: 20, timeliness_datepart: 'minute' });
  await world.check();
  expect(await world.told()).toEqual([]);
  expect(await world.standing(late, 'timeliness')).toBe('late: ended_late');

  await world.check({ lookBackTo: new Date(Date.now() - 60 * 60_000) });

  expect(await world.told()).toEqual([`timeliness/run/${run}`]);
});

test('a promised start that does not come is told, and over when a run begins', async () => {
  const scheduled = await world.addPipeline('scheduled');
  const at = new Date(Date.now() - 5 * 60_000);
  const promise: ExpectedStart = {
    pipelineId: scheduled,
    by: 'nightly',
    triggerId: null,
    at,
    graceMs: 60_000,
  };
  const expectedStarts = [() => Promise.resolve([promise])];
  const subject = `missed_start/${scheduled}/nightly/${at.toISOString()}`;

  await world.check({ expectedStarts });
  expect(await world.standing(scheduled, 'timeliness')).toBe('late: not_started');
  expect(await world.told()).toEqual([subject]);

  await world.begin(scheduled, 0);
  await world.check({ expectedStarts });
  expect(await world.told()).toEqual([`${subject} recovered`]);
});

test('a start that each of two triggers missed is told beside an older failure, and over by itself', async () => {
  const nightly = await addNightly('owes_several');
  await world.end(await world.begin(nightly, 60), 50, 'failed');
  const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000);
  const promise = (by: string, at: Date): ExpectedStart => {
    return { pipelineId: nightly, by, triggerId: null, at, graceMs: 60_000 };
  };
  const starts = [promise('hourly', minutesAgo(20)), promise('nightly', minutesAgo(10))];
  const [hourly, daily] = starts.map(
    ({ by, at }) => `missed_start/${nightly}/${by}/${at.toISOString()}`,
  );
  const check = (promised: readonly ExpectedStart[]) =>
    world.check({ expectedStarts: [() => Promise.resolve(promised)] });

  await check([]);
  expect(await world.told()).toEqual([`timeliness/failing/${nightly}`]);
  await check(starts);
  await check(starts);
  expect(await world.told()).toEqual([hourly, daily]);
  expect(await world.standing(nightly, 'timeliness')).toBe('late: failed');

  const again = await world.begin(nightly, 15);
  await check(starts);
  expect(await world.told()).toEqual([`${hourly} recovered`]);

  await world.end(again, 1);
  await check(starts);
  expect(await world.told()).toEqual([`timeliness/failing/${nightly} recovered`]);
  expect(await world.standing(nightly, 'timeliness')).toBe('late: not_started');
});

test('the next promised start is a deadline', async () => {
  const other = await openDeadlineWorld();
  const pipelineId = await other.addPipeline('scheduled');
  const at = new Date(Date.now() + 5 * 60_000);

  const next = await other.check({
    expectedStarts: [
      () => Promise.resolve([{ pipelineId, by: 'hourly', triggerId: null, at, graceMs: 30_000 }]),
    ],
  });

  expect(next).toEqual(new Date(at.getTime() + 30_000));
  await other.close();
});

test('a deadline of a running run is the next moment to look', async () => {
  const other = await openDeadlineWorld();
  const nightly = await other.addPipeline('nightly', { timeliness: [20, 'minute'] });
  await other.begin(nightly, 12);

  const next = await other.check();

  const minutes = ((next?.getTime() ?? 0) - Date.now()) / 60_000;
  expect(minutes).toBeGreaterThan(7);
  expect(minutes).toBeLessThanOrEqual(8);
  await other.close();
});
