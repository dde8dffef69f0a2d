import { afterAll, beforeAll, expect, test } from 'vitest';
import { closeRun } from '../../db/runs/close-run.ts';
import { saveLogLines, type LogLineRow } from '../../db/runs/log-lines.ts';
import { startTestApi, type TestApi } from './test-api.ts';

let api: TestApi;
let id: number;

beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.stop());

async function startRun(): Promise<number> {
  return (await api.post('/api/pipelines/numbers/runs', {})).body.id;
}

function line(executionId: number, seq: number, over: Partial<LogLineRow> = {}): LogLineRow {
  return {
    execution_id: executionId,
    block: 'numbers',
    attempt: 1,
    seq,
    level: 'info',
    message: `line ${seq}`,
    logged_at: new Date().toISOString(),
    ...over,
  };
}

test('lines come in pages, by block and by level', async () => {
  id = await startRun();
  await saveLogLines(api.db, [
    line(id, 1, { level: 'debug' }),
    line(id, 2, { fields: { rows: 3 } }),
    line(id, 3, { level: 'error' }),
    line(id, 1, { block: 'doubled', message: 'other' }),
  ]);

  const first = await api.get(`/api/runs/${id}/logs?limit=2`);
  const second = await api.get(`/api/runs/${id}/logs?limit=2&after=${first.body.after}`);
  const errors = await api.get(`/api/runs/${id}/logs?level=warn`);
  const doubled = await api.get(`/api/runs/${id}/logs?block=doubled`);

  expect(messages(first.body)).toEqual(['line 1', 'line 2']);
  expect(first.body.lines[1]?.fields).toEqual({ rows: 3 });
  expect(messages(second.body)).toEqual(['line 3', 'other']);
  expect(messages(errors.body)).toEqual(['line 3']);
  expect(messages(doubled.body)).toEqual(['other']);
});

test('a follower gets a line when it is stored, and learns that no more will come', async () => {
  id = await startRun();
  const waiting = api.get(`/api/runs/${id}/logs?wait=30s`);
  await saveLogLines(api.db, [line(id, 1)]);

  const { body } = await waiting;
  expect(messages(body)).toEqual(['line 1']);
  expect(body.more).toBe(true);

  const last = api.get(`/api/runs/${id}/logs?wait=30s&after=${body.after}`);
  await closeRun(api.db, {
    executionId: id,
    state: 'succeeded',
    error: null,
    watermark: null,
    blocks: [],
  });
  expect((await last).body).toMatchObject({ lines: [], after: body.after, more: false });
});

test('a follower misses no line, however many workers write at the same time', async () => {
  id = await startRun();
  const blocks = ['a', 'b', 'c', 'd'];
  const write = async (block: string) => {
    for (let batch = 0; batch < 40; batch += 1) {
      const seqs = Array.from({ length: 25 }, (_, at) => batch * 25 + at + 1);
      await saveLogLines(
        api.db,
        seqs.map((seq) => line(id, seq, { block })),
      );
    }
  };
  const writing = Promise.all(blocks.map(write));

  const seen: number[] = [];
  for (let after = 0; seen.length < 4_000;) {
    const { body } = await api.get(`/api/runs/${id}/logs?wait=30s&limit=1000&after=${after}`);
    if (body.lines.length === 0) break;
    seen.push(...body.lines.map((one) => one.id));
    after = body.after;
  }
  await writing;

  expect(seen).toHaveLength(4_000);
});

function messages(page: { lines: { message: string }[] }): string[] {
  return page.lines.map(({ message }) => message);
}
