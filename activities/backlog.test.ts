import { expect, test } from 'vitest';
import { createBacklog, split, type Batch } from './backlog.ts';

const row = {
  execution_id: 1,
  block: 'load',
  attempt: 1,
  started_at: 'then',
  worker: 'w',
} as const;
const line = (seq: number) =>
  ({ ...row, seq, level: 'info', message: 'hello', logged_at: 'then' }) as const;
const forever = new AbortController().signal;

test('two rows about one attempt are written as one, the later one winning', () => {
  const backlog = createBacklog();
  backlog.addBlockRun({ ...row, state: 'running' });
  backlog.addBlockRun({ ...row, state: 'succeeded', rows: 3 });

  expect(backlog.take().blockRuns).toEqual([{ ...row, state: 'succeeded', rows: 3 }]);
  expect(backlog.size).toBe(0);
});

test('written settles once the batches that were needed are confirmed, whatever comes after', async () => {
  const backlog = createBacklog();
  for (let seq = 1; seq <= 2_001; seq += 1) backlog.addLine(line(seq));
  let settled = false;
  const written = backlog.written(forever).then(() => {
    settled = true;
  });

  expect(backlog.take().lines).toHaveLength(2_000);
  backlog.confirm();
  await Promise.resolve();
  expect(settled).toBe(false);
  backlog.addLine(line(2_002));
  backlog.take();
  backlog.confirm();
  await written;
});

test('written waits for a batch that is on its way', async () => {
  const backlog = createBacklog();
  backlog.addLine(line(1));
  backlog.take();
  const written = backlog.written(AbortSignal.timeout(50));

  await expect(written).rejects.toThrow('timeout');
});

test('nothing to write is written at once', async () => {
  await createBacklog().written(forever);
});

test('while nothing can be written the oldest lines give way', () => {
  const backlog = createBacklog();
  for (let seq = 1; seq <= 200_001; seq += 1) backlog.addLine(line(seq));

  expect(backlog.size).toBe(200_000);
  expect(backlog.take().lines[0]?.seq).toBe(2);
});

test('a batch is split until each row is alone, in the order in which they are written', () => {
  const blockRuns = [1, 2, 3].map((attempt) => ({ ...row, attempt, state: 'running' as const }));
  const lines = [1, 2].map(line);

  const alone = apart({ blockRuns, artifacts: [], lines });

  expect(alone).toEqual([
    ...blockRuns.map((each) => ({ blockRuns: [each], artifacts: [], lines: [] })),
    ...lines.map((each) => ({ blockRuns: [], artifacts: [], lines: [each] })),
  ]);
});

const apart = (batch: Batch): Batch[] => split(batch)?.flatMap(apart) ?? [batch];
