import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { declareTriggers } from '../../db/triggers/declare.ts';
import { listUnseen } from '../../db/triggers/missed-fires.ts';
import { listScheduledStarts } from '../../db/triggers/scheduled-starts.ts';
import { findTrigger, setPaused } from '../../db/triggers/triggers.ts';
import type { PlannedTrigger } from '../../plan/plan.ts';
import type { Schedule } from '../../triggers/schedule.ts';
import { openDeadlineWorld, type DeadlineWorld } from '../support/deadline-world.ts';

const MINUTE = 60_000;
const HOUR = Date.UTC(2026, 0, 1, 12);
const at = (minute: number) => new Date(HOUR + minute * MINUTE);

let world: DeadlineWorld;

beforeAll(async () => {
  world = await openDeadlineWorld();
});
afterAll(() => world.close());

interface Scheduled {
  readonly pipeline: number;
  readonly trigger: number;
}

const SCHEDULE: Schedule = {
  ...{ calendars: [], skip: [], timezone: 'UTC', jitterMs: 0, overlap: 'skip' },
  ...{ catchup: 'none', catchupWindowMs: 7 * 24 * 60 * MINUTE },
  intervals: [{ everyMs: 10 * MINUTE, offsetMs: 0 }],
};
const OFTEN = { name: 'often', kind: 'schedule', schedule: SCHEDULE } as const;

/** A pipeline with a schedule for every ten minutes, deployed at twelve. */
async function addScheduled(name: string): Promise<Scheduled> {
  const pipeline = await world.addPipeline(name);
  const { rows } = await sql<{ id: number }>`
    insert into trigger (pipeline_id, name, kind, definition, hash, deployed_hash, times_since)
    values (${pipeline}, 'often', 'schedule', ${JSON.stringify(OFTEN)}::jsonb,
      'hash', 'hash', ${at(0)}) returning id`.execute(world.db);
  return { pipeline, trigger: rows[0]?.id ?? 0 };
}

/** A run of a minute of the hour, by the schedule or by hand; it still runs unless it has ended. */
async function addRun(
  { pipeline, trigger }: Scheduled,
  { from, to, by }: { from: number; to?: number; by?: 'hand' },
): Promise<void> {
  await world.db
    .insertInto('pipeline_execution')
    .values({
      ...{ pipeline_id: pipeline, state: to === undefined ? 'running' : 'succeeded' },
      ...{ trigger_kind: 'reported', trigger_id: by ? null : trigger },
      ...{ requested_at: at(from), start_date: at(from), scheduled_at: by ? null : at(from) },
      ...(to !== undefined && { end_date: at(to) }),
    })
    .execute();
}

/** The minutes for which a start is promised. */
async function promised({ pipeline }: Scheduled, minute: number): Promise<number[]> {
  const starts = await listScheduledStarts(world.db, at(minute));
  return starts
    .filter(({ pipelineId }) => pipelineId === pipeline)
    .map((start) => (start.at.getTime() - HOUR) / MINUTE);
}

test('a schedule that stays dead owes its first start, however many fire times pass', async () => {
  const dead = await addScheduled('dead');
  expect(await promised(dead, 5)).toEqual([10]);
  expect(await promised(dead, 15)).toEqual([10, 20]);
  expect(await promised(dead, 55)).toEqual([10, 60]);
});

test.each(['schedule', 'hand'] as const)('a run by %s makes up for what is over', async (by) => {
  const late = await addScheduled(`late by ${by}`);
  await addRun(late, { from: 32, to: 33, ...(by === 'hand' && { by }) });
  expect(await promised(late, 35)).toEqual([40]);
  expect(await promised(late, 45)).toEqual([40, 50]);
});

test('fire times while its own run is under way promise nothing', async () => {
  const slow = await addScheduled('slow');
  await addRun(slow, { from: 10, to: 34 });
  expect(await promised(slow, 35)).toEqual([40]);

  const running = await addScheduled('running');
  await addRun(running, { from: 10 });
  expect(await promised(running, 35)).toEqual([]);
});

test('a fire time is unseen where no run of the schedule ran or waited', async () => {
  const late = await addScheduled('unseen');
  const unseen = async (minute: number) =>
    (await listUnseen(world.db, [{ id: late.trigger, at: at(minute) }])).length;

  await addRun(late, { from: 10, to: 15 });
  expect([await unseen(10), await unseen(20)]).toEqual([0, 1]);
  await sql`
    update pipeline_execution set start_date = ${at(33)}, end_date = ${at(34)}
    where trigger_id = ${late.trigger}`.execute(world.db);
  expect([await unseen(20), await unseen(40)]).toEqual([0, 1]);
});

/** Its file says this of the trigger now. */
async function edit({ pipeline }: Scheduled, name: string, edited: PlannedTrigger): Promise<void> {
  await declareTriggers(world.db, {
    ...{ pipelineId: pipeline, pipeline: name, triggers: [edited], actor: 'file' },
  });
}

test('an edit of anything but its times and its catch-up forgets no fire time', async () => {
  const edited = await addScheduled('edited');
  await edit(edited, 'edited', {
    ...{ ...OFTEN, description: 'after the shops have closed', params: { a: 1 }, priority: 1 },
    schedule: { ...SCHEDULE, jitterMs: 1_000, overlap: 'buffer_one', pauseAfterFailures: 3 },
  });
  expect(await promised(edited, 15)).toEqual([10, 20]);
  expect(await sinceOf(edited)).toEqual(at(0));
});

test.each<[what: string, change: Partial<Schedule>]>([
  ['interval', { intervals: [{ everyMs: 5 * MINUTE, offsetMs: 0 }] }],
  ['time zone', { timezone: 'Asia/Tokyo' }],
  ['start', { start: '2026-01-01' }],
  ['catch-up', { catchup: 'latest' }],
])('another %s owes nothing for the times before it', async (what, change) => {
  const name = `with another ${what}`;
  const moved = await addScheduled(name);
  await edit(moved, name, { ...OFTEN, schedule: { ...SCHEDULE, ...change } });
  expect((await sinceOf(moved)).getTime()).toBeGreaterThan(at(60).getTime());
});

test('a schedule that is resumed owes nothing for the time of its pause', async () => {
  const rested = await addScheduled('rested');
  await setPaused(world.db, rested.trigger, { paused: true, note: null });
  const pausedAt = await sinceOf(rested);
  expect(pausedAt.getTime()).toBeGreaterThan(at(60).getTime());
  await setPaused(world.db, rested.trigger, { paused: true, note: 'prices are wrong' });
  expect(await sinceOf(rested)).toEqual(pausedAt);
  await setPaused(world.db, rested.trigger, { paused: false, note: null });
  expect((await sinceOf(rested)).getTime()).toBeGreaterThan(pausedAt.getTime());
});

async function sinceOf({ trigger }: Scheduled): Promise<Date> {
  const found = await findTrigger(world.db, { id: trigger });
  if (!found) throw new Error('No trigger');
  return found.timesSince;
}
