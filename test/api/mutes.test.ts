import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Mute, Notice } from '../../api/contract/notice.ts';
import { NOTICE_KINDS } from '../../metadata/notice.ts';
import type { Receiver } from '../support/receiver.ts';
import { raise, startNoticeApi, untilNotice } from './notice-world.ts';
import type { TestApi } from './test-api.ts';

let api: TestApi;
let receiver: Receiver;
let pipelineId: number;

beforeAll(async () => {
  ({ api, receiver, pipelineId } = await startNoticeApi('1h'));
});
afterEach(async () => {
  for (const { id } of await listMutes('/api/mutes')) await lift(id);
});
afterAll(async () => {
  await api.stop();
  await receiver.stop();
});

async function listMutes(path: string): Promise<readonly Mute[]> {
  return ((await api.get(path)).body as unknown as { mutes: Mute[] }).mutes;
}

async function mute(changes: object = {}): Promise<Mute> {
  const { status, body } = await api.post('/api/mutes', { by: 'ada', ...changes });
  expect(status).toBe(201);
  return body as unknown as Mute;
}

async function lift(id: number): Promise<Mute> {
  const response = await fetch(`${api.url}/api/mutes/${id}?by=bob`, { method: 'DELETE' });
  return (await response.json()) as Mute;
}

async function expire(id: number): Promise<void> {
  await api.db.updateTable('notice_mute').set({ until: new Date() }).where('id', '=', id).execute();
}

/** Raises it, and answers the notice when it has been raised this often. */
async function raised(subject: string, count: number, changes = {}): Promise<Notice> {
  await raise(api.db, subject, changes);
  return untilNotice(api.url, subject, (notice) => notice.count === count);
}

/** The notice when whatever was raised before now has been dealt with, and every mute that is over. */
async function settled(subject: string): Promise<Notice> {
  const later = `later than ${subject}`;
  await raise(api.db, later);
  await untilNotice(api.url, later, () => true);
  return untilNotice(api.url, subject, () => true);
}

const wasTold = ({ told_at }: Notice) => told_at !== null;
const events = ({ deliveries }: Notice) => deliveries.map(({ event }) => event);

test('a mute covers its pipeline and its kind, until it is lifted, and stays on record', async () => {
  const about = { pipelineId, kind: 'freshness' } as const;
  const added = await mute({ pipeline: 'numbers', kind: 'freshness', reason: 'moving' });
  const silenced = await raised('muted', 1, about);
  const other = await raised('not muted', 1, { ...about, kind: 'timeliness' });
  const listed = await listMutes('/api/mutes');

  expect(added).toMatchObject({ active: true, pipeline: 'numbers', until: null });
  expect(added).toMatchObject({ created_by: 'ada', reason: 'moving' });
  expect(silenced).toMatchObject({ pipeline: 'numbers', untold: 'muted', told_at: null });
  expect(silenced.deliveries).toEqual([]);
  expect(events(other)).toEqual(['opened']);
  expect(listed).toEqual([added]);

  const lifted = await lift(added.id);
  expect(lifted).toMatchObject({ active: false, lifted_by: 'bob' });
  expect(await listMutes('/api/mutes')).toEqual([]);
  expect(await listMutes('/api/mutes?all=true')).toEqual([lifted]);
});

test.each(NOTICE_KINDS)(
  '%s that is still open when its mute is lifted is told then, once',
  async (kind) => {
    const subject = `open ${kind}`;
    const { id } = await mute({ pipeline: 'numbers' });
    await raised(subject, 1, { kind, pipelineId });
    await raised(subject, 2, { kind, pipelineId });

    await lift(id);
    const told = await untilNotice(api.url, subject, wasTold);
    const later = await settled(subject);

    expect(told).toMatchObject({ state: 'open', untold: null, count: 2 });
    expect(events(later)).toEqual(['opened']);

    await raise(api.db, subject, { kind, pipelineId, recovered: true });
    const over = await untilNotice(api.url, subject, ({ state }) => state === 'recovered');
    expect(events(over)).toEqual(['opened', 'recovered']);
  },
);

test('what is still open when the time of its mute is over is told then, once', async () => {
  const { id } = await mute({ until: new Date(Date.now() + 60_000).toISOString() });
  const silenced = await raised('for a while', 1);

  await expire(id);
  await untilNotice(api.url, 'for a while', wasTold);

  expect(silenced).toMatchObject({ untold: 'muted', deliveries: [] });
  expect(events(await settled('for a while'))).toEqual(['opened']);
});

test('the end of one mute tells nothing that another one covers', async () => {
  const { id } = await mute({ kind: 'queue' });
  const rest = await mute({ pipeline: 'numbers' });
  await raised('twice muted', 1, { pipelineId });

  await lift(id);
  const still = await settled('twice muted');
  await lift(rest.id);
  const told = await untilNotice(api.url, 'twice muted', wasTold);

  expect(still).toMatchObject({ untold: 'muted', deliveries: [] });
  expect(events(told)).toEqual(['opened']);
});

test('of what was over before its mute ended nothing is told, and not its recovery either', async () => {
  const { id } = await mute({ pipeline: 'numbers' });
  await raised('over by then', 1, { pipelineId });
  await raise(api.db, 'over by then', { pipelineId, recovered: true });

  await lift(id);

  expect(await settled('over by then')).toMatchObject({ state: 'recovered', deliveries: [] });
});

test('what was told before its mute is not told again so soon after it', async () => {
  await raised('told before', 1, { pipelineId });
  const { id } = await mute({ pipeline: 'numbers' });
  await raised('told before', 2, { pipelineId });

  await lift(id);
  const notice = await untilNotice(api.url, 'told before', ({ untold }) => untold === 'repeated');

  expect(events(notice)).toEqual(['opened']);
});

test('what somebody acknowledged under its mute is told nobody when it ends', async () => {
  const { id: muteId } = await mute({ pipeline: 'numbers' });
  const { id } = await raised('seen under mute', 1, { pipelineId });
  await api.post(`/api/notices/${id}/acknowledge`, { by: 'ada' });

  await lift(muteId);
  const acknowledged = ({ untold }: Notice) => untold === 'acknowledged';
  const notice = await untilNotice(api.url, 'seen under mute', acknowledged);

  expect(notice.deliveries).toEqual([]);
});
