import { afterAll, beforeAll, expect, test } from 'vitest';
import { raiseNotice } from '../../db/notices/notices.ts';
import { listNotices } from '../../db/notices/records.ts';
import { routeRaised, type NoticeNews } from '../../db/notices/routing.ts';
import type { NoticeKind } from '../../metadata/notice.ts';
import { openDeadlineWorld, type DeadlineWorld } from '../support/deadline-world.ts';

let world: DeadlineWorld;

beforeAll(async () => {
  world = await openDeadlineWorld();
});
afterAll(() => world.close());

async function raise(pipelineId: number, kind: NoticeKind, executionId: number | null = null) {
  await world.db.transaction().execute((tx) =>
    raiseNotice(tx, {
      ...{ kind, severity: 'error', pipelineId, executionId, subject: `${kind}/${pipelineId}` },
      ...{ recovered: false, title: `${kind} of it`, message: 'bad', details: [] },
    }),
  );
}

/** Routes what was raised; answers what it is news of. */
async function route(): Promise<NoticeNews[]> {
  const all: NoticeNews[] = [];
  const tell = (news: NoticeNews) => {
    all.push(news);
    return { untold: 'no_route' } as const;
  };
  while (await routeRaised(world.db, tell));
  return all;
}

async function statesOf(pipeline: string): Promise<string[]> {
  const notices = await listNotices(world.db, { pipeline, limit: 100 });
  return notices.map(({ kind, state, closed_because }) =>
    [kind, state, closed_because].filter(Boolean).join(' '),
  );
}

test.each([
  ['inactive', { active: false }, 'Closed: pipeline inactive is not active any more'],
  ['removed', { removed_at: new Date() }, 'Closed: pipeline removed has no file any more'],
])('what is open about a pipeline that is %s is closed', async (name, columns, message) => {
  const pipeline = await world.addPipeline(name, { freshness: [1, 'hour'] });
  await world.write(pipeline, 90);
  await world.check();
  await raise(pipeline, 'run_failed', await world.begin(pipeline, 60));
  await raise(pipeline, 'anomaly');
  await route();

  await world.set(pipeline, columns);
  await world.check();
  const news = await route();

  expect(await statesOf(name)).toEqual([
    `anomaly closed ${name}`,
    `run_failed closed ${name}`,
    `freshness closed ${name}`,
  ]);
  const closed = { closed: true, severity: 'info', message };
  expect(news).toMatchObject([closed, closed, closed]);
  expect(news.map(({ title }) => title).slice(1)).toEqual(['run_failed of it', 'anomaly of it']);

  await world.check();
  expect(await route()).toEqual([]);
});

test('what goes wrong with runs that are asked for after that stays open', async () => {
  const pipeline = await world.addPipeline('by_hand');
  await world.set(pipeline, { active: false });
  await raise(pipeline, 'run_failed', await world.begin(pipeline, -1));
  await route();

  await world.check();
  await route();
  expect(await statesOf('by_hand')).toEqual(['run_failed open']);
});

test('a run that was under way when its pipeline was removed is told of, and no longer open then', async () => {
  const pipeline = await world.addPipeline('under_way');
  const run = await world.begin(pipeline, 5);
  await world.set(pipeline, { removed_at: new Date() });
  await world.check();
  await raise(pipeline, 'run_failed', run);
  await route();

  await world.check();
  await route();
  expect(await statesOf('under_way')).toEqual(['run_failed closed removed']);
});

test('while nothing is routed, what is to be closed is raised once', async () => {
  const pipeline = await world.addPipeline('held');
  await raise(pipeline, 'anomaly');
  await route();
  await world.set(pipeline, { removed_at: new Date() });
  await world.told();

  await world.check();
  await world.check();

  expect(await world.told()).toEqual([`anomaly/${pipeline} recovered`]);
});
