import { afterAll, beforeAll, expect, test } from 'vitest';
import { sql } from 'kysely';
import { checkDeadlines } from '../../db/standings/check-deadlines.ts';
import { FreshnessBoard, FreshnessHistory } from '../../api/contract/standing.ts';
import { TimelinessBoard, TimelinessHistory } from '../../api/contract/standing.ts';
import { startTestApi, type TestApi } from './test-api.ts';

let api: TestApi;

beforeAll(async () => {
  api = await startTestApi();
  await sql`insert into pipeline_type (name) values ('test')`.execute(api.db);
  await add('late_longest', { hours: 30 });
  await add('late', { hours: 25, tags: ['sales'] });
  await add('never');
  await add('fresh', { hours: 20, tags: ['sales'] });
  await add('fresh_soon_late', { hours: 23 });
  await add('inactive', { hours: 30, active: false });
});
afterAll(() => api.stop());

interface Given {
  readonly hours?: number;
  readonly tags?: string[];
  readonly active?: boolean;
}

/** A pipeline that should write each day, and did so many hours ago. */
async function add(name: string, { hours, tags = [], active = true }: Given = {}): Promise<void> {
  const wrote = hours === undefined ? null : new Date(Date.now() - hours * 3_600_000);
  await sql`
    insert into pipeline (name, pipeline_type_id, tags, active, freshness_number,
      freshness_datepart, timeliness_number, timeliness_datepart, last_target_update)
    select ${name}, id, ${tags}::text[], ${active}, 1, 'day', 1, 'hour', ${wrote}
    from pipeline_type where name = 'test'`.execute(api.db);
}

async function readBoard(query = ''): Promise<FreshnessBoard> {
  return FreshnessBoard.parse((await api.get(`/api/freshness${query}`)).body);
}

const namesOf = ({ pipelines }: FreshnessBoard) => pipelines.map(({ pipeline }) => pipeline);

test('the board shows the late ones first, then what will be late next, though nobody has checked', async () => {
  const board = await readBoard();

  expect(namesOf(board)).toEqual(['late_longest', 'late', 'never', 'fresh_soon_late', 'fresh']);
  expect(board.counts).toMatchObject({ late: 2, waiting: 1, fresh: 2 });
  expect(board.pipelines[1]).toMatchObject({
    ...{ state: 'late', reason: 'no_new_data', muted: false },
    threshold: { number: 1, datepart: 'day', from: 'pipeline' },
  });
  expect(board.pipelines[1]?.message).toMatch(/^No new data since .* UTC, expected within 1 day$/);
});

test('the board is filtered by state, tag and pipeline', async () => {
  expect(namesOf(await readBoard('?state=late'))).toEqual(['late_longest', 'late']);
  expect(namesOf(await readBoard('?state=late,off'))).toContain('inactive');
  expect(namesOf(await readBoard('?tag=sales'))).toEqual(['late', 'fresh']);
  expect(namesOf(await readBoard('?pipeline=never'))).toEqual(['never']);
  expect(namesOf(await readBoard('?tag=none'))).toEqual([]);
  const refused = await api.get('/api/freshness?state=rotten');
  expect([refused.status, refused.body.code]).toEqual([400, 'request.invalid']);
});

test('the board comes in pages', async () => {
  const first = await readBoard('?limit=3');
  const second = FreshnessBoard.parse((await api.get(first.links.next ?? '')).body);

  expect([...namesOf(first), ...namesOf(second)]).toEqual(namesOf(await readBoard()));
  expect(second.cursor).toBeNull();
});

test('a pipeline has its history', async () => {
  await checkDeadlines(api.db);
  await sql`update pipeline set last_target_update = now() where name = 'late'`.execute(api.db);
  await checkDeadlines(api.db);

  const { body } = await api.get('/api/freshness/late');

  const { state, history } = FreshnessHistory.parse(body);
  expect(state).toBe('fresh');
  expect(history.map((change) => [change.state, change.until === null])).toEqual([
    ['fresh', true],
    ['late', false],
  ]);
  expect((await api.get('/api/freshness/nobody')).body.code).toBe('pipeline.not_found');
});

test('timeliness names the run that is late, and those that were', async () => {
  const { rows } = await sql<{ id: number }>`
    insert into pipeline_execution (pipeline_id, state, trigger_kind, start_date)
    select id, 'running', 'reported', now() - interval '2 hours' from pipeline where name = 'never'
    returning id`.execute(api.db);
  await checkDeadlines(api.db);

  const board = TimelinessBoard.parse((await api.get('/api/timeliness?state=late')).body);
  const never = TimelinessHistory.parse((await api.get('/api/timeliness/never')).body);

  const run = rows[0]?.id;
  expect(board.pipelines).toMatchObject([
    { pipeline: 'never', state: 'late', reason: 'still_running', run },
  ]);
  expect(never.late_runs).toMatchObject([{ run, status: 'running', threshold_seconds: 3_600 }]);
  expect(never.history[0]).toMatchObject({ state: 'late', run, until: null });
});
