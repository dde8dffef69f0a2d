import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Trigger, TriggerDetail } from '../../api/contract/trigger.ts';
import type { WhyLate } from '../../api/contract/why-late.ts';
import { NO_CATCHUP_MS } from '../../api/triggers/temporal-schedule.ts';
import { wakeWatch } from '../../db/standings/watch.ts';
import { startEngine, type Engine } from '../support/engine.ts';
import { typescript, writeFiles } from '../support/project.ts';
import { until } from '../support/until.ts';

const EVERY_2S = 'interval: 2s, timezone: UTC';
const HOUR_S = 3_600;
/** It fired ten minutes ago. */
const FIRED_S = Math.floor(Date.now() / 1_000) - 600;
const HOURLY = `interval: { every: 1h, offset: ${FIRED_S % HOUR_S}s }`;

const edited = (description: string) => `
blocks: { run: { kind: custom, file: run.ts } }
triggers: { hourly: { schedule: { ${HOURLY}, catchup: latest }, description: ${description} } }
`;

let engine: Engine;

beforeAll(async () => {
  engine = await startEngine({
    'blocks/times.sql': `
      select $scheduled_at as scheduled_at, $interval_start as interval_start,
        $interval_end as interval_end, $label as label,
        date_diff('second', $interval_start::timestamp, $interval_end::timestamp) as seconds`,
    'blocks/run.ts': typescript('return run;'),
    'blocks/fail.ts': typescript("throw new Error('this block always fails');"),
    'pipelines/ticks.yaml': `
params: { label: { type: string } }
blocks:
  times: { kind: loader, file: times.sql }
  below: { kind: pipeline, pipeline: below, params: { at: '\${{ run.interval_end }}' } }
triggers:
  often:
    schedule: { ${EVERY_2S} }
    params: { label: 'up to \${{ run.interval_end }}' }
    priority: 2
`,
    'pipelines/below.yaml': `
params: { at: { type: string } }
blocks: { run: { kind: custom, file: run.ts } }
`,
    'pipelines/promised.yaml': `
blocks: { run: { kind: custom, file: run.ts } }
triggers: { hourly: { schedule: { ${HOURLY}, catchup: none } } }
`,
    'pipelines/edited.yaml': edited('as it was'),
    'pipelines/refused.yaml': `
params: { count: { type: integer } }
blocks: { run: { kind: custom, file: run.ts } }
triggers:
  often:
    schedule: { interval: 1s, pause_after_failures: 2 }
    params: { count: '\${{ run.interval_end }}' }
`,
    'pipelines/fails.yaml': `
blocks: { fail: { kind: custom, file: fail.ts } }
triggers: { often: { schedule: { interval: 1s, overlap: skip, pause_after_failures: 2 } } }
`,
  });
});
afterAll(() => engine.stop());

async function ask<Answer>(path: string, method = 'GET', body?: object): Promise<Answer> {
  const response = await fetch(engine.url + path, {
    method,
    ...(body && {
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    }),
  });
  if (!response.ok) throw new Error(await response.text());
  return (await response.json()) as Answer;
}

async function rowsOf(pipeline: string) {
  return engine.db
    .selectFrom('pipeline_execution as e')
    .innerJoin('pipeline as p', 'p.id', 'e.pipeline_id')
    .select(['e.id', 'e.state', 'e.trigger_kind', 'e.trigger_id', 'e.priority', 'e.params'])
    .select(['e.scheduled_at', 'e.interval_start', 'e.interval_end'])
    .where('p.name', '=', pipeline)
    .orderBy('e.id')
    .execute();
}

async function failures(pipeline: string): Promise<number> {
  return (await rowsOf(pipeline)).filter(({ state }) => state === 'failed').length;
}

test('scheduled runs know when they fired and which interval they are about', async () => {
  const runs = await until(async () => {
    const ended = (await rowsOf('ticks')).filter(({ state }) => state === 'succeeded');
    return ended.length >= 3 ? ended : undefined;
  });
  for (const { trigger_kind, scheduled_at, interval_start, interval_end, ...run } of runs) {
    expect(trigger_kind).toBe('schedule');
    expect(run.priority).toBe(2);
    expect(interval_end).toEqual(scheduled_at);
    expect(Number(scheduled_at) % 2_000).toBe(0);
    expect(Number(interval_end) - Number(interval_start)).toBe(2_000);
    expect(run.params).toEqual({ label: `up to ${interval_end?.toISOString() ?? ''}` });
  }
  const times = runs.map(({ scheduled_at }) => scheduled_at?.getTime());
  expect(new Set(times).size).toBe(runs.length);
});

test('a sub-pipeline is about the interval of its parent', async () => {
  const [child] = await until(async () => {
    const ended = (await rowsOf('below')).filter(({ state }) => state === 'succeeded');
    return ended.length > 0 ? ended : undefined;
  });
  if (!child) throw new Error('No child');
  const { interval_start, interval_end, scheduled_at } = child;
  expect(child.params).toEqual({ at: interval_end?.toISOString() });
  expect(await engine.valueOf(child.id, 'run')).toMatchObject({
    scheduledAt: scheduled_at?.toISOString(),
    intervalStart: interval_start?.toISOString(),
    intervalEnd: interval_end?.toISOString(),
  });
});

test('a schedule that is paused starts nothing, and refuses to be started', async () => {
  const { id } = await ask<Trigger>('/api/triggers/ticks/often/pause', 'POST', { actor: 'ada' });
  const missed = Math.ceil(Date.now() / 2_000) * 2_000;
  await expect(ask(`/api/triggers/${id}/start`, 'POST')).rejects.toThrow('trigger.paused');
  await until(() => Date.now() > missed + 1_000);

  await ask('/api/triggers/ticks/often/resume', 'POST', { actor: 'ada' });
  const times = await until(async () => {
    const all = (await rowsOf('ticks')).map(({ scheduled_at }) => Number(scheduled_at));
    return all.some((time) => time > missed) ? all : undefined;
  });

  expect(times).not.toContain(missed);
});

test('a run of a schedule that is asked for now is about the last interval that is over', async () => {
  const { id } = await ask<{ id: number }>('/api/triggers/ticks/often/start', 'POST');
  await engine.ended(id);
  const run = (await rowsOf('ticks')).find((each) => each.id === id);
  expect(run).toMatchObject({ state: 'succeeded', trigger_kind: 'schedule', priority: 2 });
  const age = Number(run?.scheduled_at) - Number(run?.interval_end);
  expect(age).toBeGreaterThanOrEqual(0);
  expect(age).toBeLessThan(2_000);
});

test('a schedule is paused when its runs fail as often as it allows, and tells somebody', async () => {
  const paused = await until(async () => {
    const trigger = await ask<Trigger>(`/api/triggers/${await idOf('fails')}`);
    return trigger.paused ? trigger : undefined;
  });
  expect(paused.note).toMatch(
    /^paused because 2 runs failed one after the other, the last one run/,
  );
  const { kind, title } = await until(() =>
    engine.db
      .selectFrom('notice')
      .selectAll()
      .where('kind', '=', 'missed_trigger')
      .where('title', 'like', '% of fails %')
      .executeTakeFirst(),
  );
  expect([kind, title]).toEqual(['missed_trigger', 'Trigger often of fails is paused']);
  const failed = await failures('fails');

  await ask('/api/triggers/fails/often/resume', 'POST', { actor: 'ada' });
  const again = await until(async () => {
    const trigger = await ask<Trigger>(`/api/triggers/${paused.id}`);
    return trigger.paused ? trigger : undefined;
  });
  expect(again.note).not.toBe(paused.note);
  expect(await failures('fails')).toBeGreaterThanOrEqual(failed + 2);
});

test('fire times that come while a run is under way are counted', async () => {
  const { left_out } = await ask<TriggerDetail>(`/api/triggers/${await idOf('fails')}`);
  expect(left_out?.overlap).toBeGreaterThan(0); // each of its runs takes three seconds
  expect(left_out?.catchup_window).toBe(0);
});

test('a scheduled run that can’t begin is a failed one that says why, and counts as one', async () => {
  const { paused, id } = await until(async () => {
    const trigger = await ask<Trigger>(`/api/triggers/${await idOf('refused')}`);
    return trigger.paused ? trigger : undefined;
  });
  const runs = await engine.db
    .selectFrom('pipeline_execution')
    .select(['state', 'error', 'scheduled_at'])
    .where('trigger_id', '=', id)
    .where('end_date', 'is not', null)
    .execute();
  expect([paused, runs.length >= 2]).toEqual([true, true]);
  for (const { state, error, scheduled_at } of runs) {
    expect([state, scheduled_at]).toEqual(['failed', expect.any(Date)]);
    expect(error).toMatchObject({ code: 'params.invalid' });
  }
});

test('a promised start that never came is a notice, and why the pipeline is late', async () => {
  const id = await idOf('promised');
  await until(async () => (await ask<Trigger>(`/api/triggers/${id}`)).deployed);
  await engine.db
    .updateTable('trigger')
    .set({ times_since: new Date(Date.now() - HOUR_S * 1_000) })
    .where('id', '=', id)
    .execute();
  await wakeWatch(engine.db);

  const { message } = await until(() =>
    engine.db
      .selectFrom('notice')
      .select('message')
      .where('title', '=', 'Missed Start')
      .executeTakeFirst(),
  );
  expect(message).toMatch(/^Pipeline 'promised' \(ID: \d+\) did not start at /);
  const { causes } = await ask<WhyLate>('/api/pipelines/promised/why-late');
  expect(causes).toMatchObject([
    { kind: 'missed_start', evidence: [{ key: 'promised by', value: 'trigger hourly' }] },
  ]);
});

test('a fire time that was missed is made up for after an edit of the description, too', async () => {
  const id = await idOf('edited');
  await until(async () => (await ask<Trigger>(`/api/triggers/${id}`)).deployed);
  const missed = { times_since: new Date(Date.now() - HOUR_S * 1_000) };
  await engine.db.updateTable('trigger').set(missed).where('id', '=', id).execute();
  await writeFiles(engine.around.project, { 'pipelines/edited.yaml': edited('mended') });
  await until(async () => (await ask<Trigger>(`/api/triggers/${id}`)).description === 'mended');

  await engine.killApi(); // the next one looks at every schedule anew

  const [run] = await until(async () => {
    const rows = await rowsOf('edited');
    return rows.length > 0 ? rows : undefined;
  });
  expect((Number(run?.scheduled_at) / 1_000 - FIRED_S) % HOUR_S).toBe(0);
});

test('the newest missed fire time is made up for, also when it was missed only just now', async () => {
  const firedAt = (Math.floor(Date.now() / 1_000) - 4) * 1_000;
  const everyMinute = `interval: { every: 1m, offset: ${(firedAt / 1_000) % 60}s }`;
  const file = `
blocks: { run: { kind: custom, file: run.ts } }
triggers: { often: { schedule: { ${everyMinute}, catchup: latest } } }
`;
  await writeFiles(engine.around.project, { 'pipelines/just_missed.yaml': file });
  const id = await until(() => idOf('just_missed').catch(() => undefined));
  await until(async () => (await ask<Trigger>(`/api/triggers/${id}`)).deployed);
  const missed = { times_since: new Date(firedAt - 3 * 60_000) };
  await engine.db.updateTable('trigger').set(missed).where('id', '=', id).execute();
  await until(() => Date.now() - firedAt > NO_CATCHUP_MS - 500);

  await engine.killApi(); // the next one is here before Temporal and the worker have had their time

  const [run] = await until(async () => {
    const rows = await rowsOf('just_missed');
    return rows.length > 0 ? rows : undefined;
  }, 60_000);
  expect(Number(run?.scheduled_at)).toBe(firedAt);
});

async function idOf(pipeline: string): Promise<number> {
  const { triggers } = await ask<{ triggers: Trigger[] }>(`/api/triggers?pipeline=${pipeline}`);
  const [trigger] = triggers;
  if (!trigger) throw new Error(`No trigger of ${pipeline}`);
  return trigger.id;
}
