import { describe, expect, test } from 'vitest';
import { brief, errorsIn, shown, unmark } from '../../test/support/definitions.ts';
import { readPipeline, warnOf } from '../read-pipeline.ts';

const BLOCKS = 'blocks: { a: { kind: custom, file: a.ts } }\n';
const scheduled = (schedule: string) => `${BLOCKS}triggers: { t: { schedule: ${schedule} } }\n`;

/** Each text marks with « where its errors begin; the codes are in the order of the marks. */
const BROKEN: Record<string, [code: string, text: string]> = {
  'an hour that is none': ['cron.invalid', scheduled("{ cron: '0 «25 * * *' }")],
  'a cron of six parts': ['cron.invalid', scheduled('{ cron: «0 0 2 * * * }')],
  'the second of two crons': [
    'cron.invalid',
    scheduled("{ cron: ['0 2 * * *', '0 2 * * «moon'] }"),
  ],
  'a time zone that is none': [
    'timezone.unknown',
    scheduled("{ cron: '@daily', timezone: «Europe/Atlantis }"),
  ],
  'an offset instead of a zone': [
    'timezone.unknown',
    scheduled("{ cron: '@daily', timezone: «'+02:00' }"),
  ],
  'an interval that is no duration': ['duration.invalid', scheduled('{ interval: «10x }')],
  'an interval of less than a second': ['duration.invalid', scheduled('{ interval: «500ms }')],
  'an offset as long as the interval': [
    'duration.invalid',
    scheduled('{ interval: { every: 1h, offset: «60m } }'),
  ],
  'no time at all': ['key.missing', scheduled('{}').replace('schedule:', '«schedule:')],
  'a calendar with a 13th month': [
    'calendar.invalid',
    scheduled('{ calendars: [{ month: «13 }] }'),
  ],
  'a day to skip that is none': [
    'schedule.invalid',
    scheduled("{ cron: '@daily', skip: [«2026-02-30] }"),
  ],
  'a start that is no time': ['schedule.invalid', scheduled("{ cron: '@daily', start: «soon }")],
  'an end before the start': [
    'schedule.invalid',
    scheduled("{ cron: '@daily', start: 2026-02-01, end: «2026-01-01 }"),
  ],
  'a time that never comes': [
    'schedule.never',
    scheduled("{ cron: '0 0 30 2 *' }").replace('schedule:', '«schedule:'),
  ],
  'a window that Temporal does not have': [
    'duration.invalid',
    scheduled("{ cron: '@daily', catchup_window: «5s }"),
  ],
  'a policy that is none': ['value.invalid', scheduled("{ cron: '@daily', overlap: «wait }")],
  'a trigger of no kind': ['key.missing', `${BLOCKS}triggers: { «t: {} }\n`],
  'a trigger of two kinds': [
    'key.misplaced',
    `${BLOCKS}triggers: { t: { schedule: { cron: '@daily' }, «api: {} } }\n`,
  ],
  'a trigger with a bad name': [
    'name.invalid',
    `${BLOCKS}triggers: { «Nightly: { schedule: { cron: '@daily' } } }\n`,
  ],
  'a param that is not there': [
    'param.unknown',
    `${BLOCKS}triggers: { t: { schedule: { cron: '@daily' }, params: { «month: x } } }\n`,
  ],
  'a param without a value': [
    'param.missing',
    `params: { m: { type: string } }\n${BLOCKS}triggers: { «t: { schedule: { cron: '@daily' } } }\n`,
  ],
  'an expression of what a schedule does not know': [
    'expression.unknown_name',
    `params: { m: { type: string } }\n${BLOCKS}triggers: { t: { schedule: { cron: '@daily' }, params: { m: '\${{ «params.m }}' } } }\n`,
  ],
};

describe('an error says where it is and what it is called:', () => {
  test.each(Object.entries(BROKEN))('%s', (_title, [code, marked]) => {
    const { text, places } = unmark(marked);
    const errors = errorsIn(text);

    expect(brief(errors), shown(errors)).toEqual(places.map((place) => `${place} ${code}`));
  });
});

const warningsIn = (text: string) => {
  const file = readPipeline('sample', 'pipelines/sample.yaml', new TextEncoder().encode(text));
  return warnOf(file, [], new Date('2026-01-01T00:00Z'));
};

test('what may surprise is a warning with its place, and no error', () => {
  const { text, places } = unmark(
    scheduled(
      "{ cron: ['@daily', «'0 12 1 * mon', «'30 1 * * *', «'30 2 * * *'], timezone: America/New_York, catchup: all, overlap: «skip }",
    ),
  );
  const [both, second, third, overlap] = places;

  expect(errorsIn(text)).toEqual([]);
  expect(brief(warningsIn(text))).toEqual([
    `${both} cron.both_days`,
    `${second} schedule.doubled`,
    `${third} schedule.skipped`,
    `${overlap} schedule.overlap`,
  ]);
  expect(shown(warningsIn(text))).toContain('2026-03-08 02:30 in America/New_York is skipped');
});

test('times of a schedule reach its params', () => {
  const params = "params: { m: '${{ run.interval_start }}' }";
  const text = `params: { m: { type: string } }\n${BLOCKS}triggers: { t: { schedule: { cron: '@daily' }, ${params} } }\n`;
  expect(errorsIn(text)).toEqual([]);
  expect(warningsIn(text)).toEqual([]);
});
