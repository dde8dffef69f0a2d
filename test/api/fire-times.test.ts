import { afterAll, beforeAll, expect, test } from 'vitest';
import type { NextFires } from '../../api/contract/trigger.ts';
import { scheduleIdOf } from '../../api/triggers/schedule-id.ts';
import { installationId } from '../../db/triggers/installation.ts';
import { startTestApi, type TestApi } from './test-api.ts';

/** Zones east and west of Greenwich, one that goes on by half an hour, and their clock changes of 2026. */
const ZONES: Record<string, string[]> = {
  'Europe/Berlin': ['2026-03-29', '2026-10-25'],
  'Europe/London': ['2026-03-29', '2026-10-25'],
  'America/New_York': ['2026-03-08', '2026-11-01'],
  'Australia/Lord_Howe': ['2026-04-05', '2026-10-04'],
};
const CRONS = [
  '30 2 * * *',
  '30 1 * * *',
  '0 2,3 * * *',
  '0 * * * *',
  '*/20 * * * *',
  '7/9 1-3 * * *',
];

const CASES = Object.entries(ZONES).flatMap(([zone, days]) =>
  CRONS.map((cron) => ({ zone, days, cron })),
);
const TRIGGERS = CASES.map(
  ({ zone, cron }, at) => `  t${at}: { schedule: { cron: '${cron}', timezone: ${zone} } }\n`,
);

let api: TestApi;

beforeAll(async () => {
  const blocks = 'blocks: { numbers: { kind: loader, file: numbers.sql } }\n';
  const file = `${blocks}triggers:\n${TRIGGERS.join('')}`;
  api = await startTestApi({ files: { 'pipelines/clocks.yaml': file } });
  expect((await api.post('/api/deployments', { dry_run: false })).status).toBe(200);
});
afterAll(() => api.stop());

test('our fire times are Temporal’s on every day when clocks change', async () => {
  const installation = await installationId(api.db);
  for (const [at, { zone, days, cron }] of CASES.entries()) {
    for (const day of days) {
      const from = new Date(Date.parse(day) - 86_400_000 / 4);
      const to = new Date(Date.parse(day) + 1.5 * 86_400_000);
      const schedule = scheduleIdOf(installation, { pipeline: 'clocks', name: `t${at}` });
      const times = await matchingTimes(schedule, from, to);
      const query = `count=130&after=${from.toISOString()}`;
      const { body } = await api.get(`/api/triggers/clocks/t${at}/next?${query}`);
      const ours = (body as unknown as NextFires).fires.map((fire) => fire.at);
      const within = ours.filter((time) => time <= to.toISOString());
      expect([zone, cron, day, within]).toEqual([zone, cron, day, times]);
    }
  }
}, 120_000);

async function matchingTimes(scheduleId: string, from: Date, to: Date): Promise<string[]> {
  const { startTime } = await api.temporal.workflowService.listScheduleMatchingTimes({
    ...{ namespace: 'default', scheduleId },
    ...{ startTime: timestamp(from), endTime: timestamp(to) },
  });
  return startTime.map(({ seconds }) => new Date(Number(seconds) * 1_000).toISOString());
}

const timestamp = (time: Date) => ({ seconds: (time.getTime() / 1_000) as never, nanos: 0 });
