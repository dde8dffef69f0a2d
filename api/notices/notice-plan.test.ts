import { expect, test } from 'vitest';
import { readProject } from '../../pipeline/read-project.ts';
import type { LoadedProject } from '../../project/definitions.ts';
import { createNoticePlans } from './notice-plan.ts';

const ENV = { SLACK_WEBHOOK_URL: 'https://hooks' };
const MISSING = { code: 'project.missing', line: 1, column: 1, message: '', excerpt: '' };

/** A project whose file says this; null: there is none. */
function loaded(text: string | null): LoadedProject {
  const file = 'highwater.yaml';
  const nothing = { pipelines: new Map(), blockFiles: new Map(), warnings: [] };
  if (text === null) return { ...nothing, errors: [{ ...MISSING, file }] };
  const { definition, errors } = readProject(file, new TextEncoder().encode(text));
  return { ...nothing, errors, ...(definition && { project: definition }) };
}

const GOOD = 'name: a\nnotices: { channels: { ops: { type: slack, url: https://x } } }\n';
const BROKEN = 'name: a\nnotices: { channels: { ops: { type: slak } } }\n';

/** The channels that are there after each of these forms of the file; `held`: nobody is told anything. */
function channelsAfter(...texts: readonly (string | null)[]): (string[] | 'held')[] {
  let now = loaded(null);
  const plans = createNoticePlans(() => now, ENV);
  return texts.map((text) => {
    now = loaded(text);
    const plan = plans();
    return plan ? [...plan.channels.keys()] : 'held';
  });
}

test('while the file is broken or away its last good form holds', () => {
  expect(channelsAfter(GOOD, BROKEN, null, 'name: a')).toEqual([
    ['slack', 'ops'],
    ['slack', 'ops'],
    ['slack', 'ops'],
    ['slack'],
  ]);
});

test('notices are held while the file has never been good, and not for want of a project', () => {
  expect(channelsAfter(BROKEN, GOOD)).toEqual(['held', ['slack', 'ops']]);
  expect(channelsAfter(null)).toEqual([['slack']]);
});

test('a channel of the project may take the place of the one that is built in', () => {
  const own = 'name: a\nnotices: { channels: { slack: { type: slack, url: https://own } } }\n';
  const plan = createNoticePlans(() => loaded(own), ENV)();

  expect(plan?.channels.get('slack')?.url).toBe('https://own');
});
