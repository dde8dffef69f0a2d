import { userInfo } from 'node:os';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Deployment, NextFires, Trigger, TriggerChanges } from '../../api/contract/trigger.ts';
import type { TriggerToken } from '../../api/contract/trigger-token.ts';
import type { Run } from '../../api/contract/run.ts';
import { packageRoot } from '../../runtime/paths.ts';
import { startTestApi, type TestApi } from '../api/test-api.ts';
import { highwater } from '../support/highwater.ts';
import { until } from '../support/until.ts';

const file = (cron: string) => `
blocks: { numbers: { kind: loader, file: numbers.sql } }
triggers:
  nightly: { schedule: { cron: '${cron}', timezone: Europe/Berlin } }
`;

let api: TestApi;

beforeAll(async () => {
  api = await startTestApi({ files: { 'pipelines/daily.yaml': file('30 3 * * *') } });
  await until(async () => (await ask('triggers', 'show', 'daily/nightly')).code === 0);
});
afterAll(() => api.stop());

const ask = (...args: string[]) =>
  highwater(args, packageRoot, { HIGHWATER_API: api.url, NO_COLOR: '1', TZ: 'UTC' });

test('triggers are listed, shown and told when they fire next', async () => {
  const { out } = await ask('triggers', 'list');
  expect(out).toMatch(
    /^daily\/nightly +schedule +active +\d{4}-.+30 3 \* \* \* \(Europe\/Berlin\)$/m,
  );

  const { out: next } = await ask(
    ...['triggers', 'next', 'daily/nightly', '--after', '2026-10-24T00:00Z', '--count', '2'],
  );
  expect(next).toMatch(
    /^2026-10-24 03:30:00 \+02:00 +2026-10-23 03:30:00 \+02:00 → 2026-10-24 03:30:00 \+02:00$/m,
  );
  expect(next).toMatch(
    /^2026-10-25 03:30:00 \+01:00 +2026-10-24 03:30:00 \+02:00 → 2026-10-25 03:30:00 \+01:00$/m,
  );
  const { out: json } = await ask('triggers', 'next', 'daily/nightly', '--json');
  expect((JSON.parse(json) as NextFires).fires).toHaveLength(10);
});

test('who pauses a trigger is on record, and it starts nothing until it is resumed', async () => {
  const { out } = await ask('triggers', 'pause', 'daily/nightly', '--note', 'prices are wrong');
  expect(out).toBe('daily/nightly is paused\n');
  const fired = await ask('triggers', 'fire', 'daily/nightly');
  expect([fired.code, fired.err]).toEqual([
    1,
    'Trigger nightly of daily is paused: it starts nothing until it is resumed\n',
  ]);
  expect((await ask('triggers', 'show', 'daily/nightly')).out).toMatch(
    /paused +\w.* +prices are wrong$/m,
  );

  await ask('triggers', 'resume', 'daily/nightly');
  const { out: run } = await ask('triggers', 'fire', 'daily/nightly', '--json');
  const started = JSON.parse(run) as Run;
  expect(started).toMatchObject({ pipeline: 'daily', trigger: 'schedule' });
  const { out: shown } = await ask('triggers', 'show', 'daily/nightly', '--json');
  expect((JSON.parse(shown) as TriggerChanges).changes.slice(0, 2)).toMatchObject([
    { action: 'started', actor: userInfo().username, details: { run: started.id } },
    { action: 'resumed', actor: userInfo().username },
  ]);
});

test('a fire that does not suit its trigger says what to do, and starts nothing', async () => {
  await api.write({
    'pipelines/asked.yaml': `
params: { month: { type: string, default: '2026-01' } }
blocks: { numbers: { kind: loader, file: numbers.sql } }
triggers:
  nightly: { schedule: { cron: '30 3 * * *' } }
  on_request: { api: {} }
  pushed: { api: { signature: { type: github, secret: '\${{ env.SECRET }}' } } }
  told: { event: { type: shop.order } }
`,
  });
  await until(async () => (await ask('triggers', 'show', 'asked/told')).code === 0);
  const refused = async (name: string, ...options: string[]) => {
    const { code, err } = await ask('triggers', 'fire', `asked/${name}`, ...options);
    expect(code).toBe(1);
    return err;
  };

  const other = 'highwater run asked -p NAME=VALUE';
  expect(await refused('nightly', '--body', '{"month": "2026-02"}')).toContain(
    `takes no --body: for other params, ${other}`,
  );
  expect(await refused('nightly', '--token', 'hwt_1')).toContain(`no --token: for other`);
  expect(await refused('on_request')).toContain(
    '"highwater triggers token rotate asked/on_request"',
  );
  expect(await refused('on_request', '--token', 'hwt_1', '--body', '{x')).toContain('is no JSON');
  expect(await refused('pushed', '--token', 'hwt_1')).toContain('takes signed webhooks');
  expect(await refused('told')).toContain('POST one to /api/events');
  const { out } = await ask('triggers', 'token', 'rotate', 'asked/on_request', '--json');
  const { token } = JSON.parse(out) as TriggerToken;
  expect(await refused('on_request', '--token', token, '--body', 'null')).toContain(
    'a map of params',
  );
  expect((await api.get('/api/runs?pipeline=asked')).body['runs']).toEqual([]);

  const asked = ['--token', token, '--body', '{"month": "2026-02"}', '--key', 'february'];
  const fired = await ask('triggers', 'fire', 'asked/on_request', ...asked, '--json');
  expect(JSON.parse(fired.out)).toMatchObject({ params: { month: '2026-02' }, trigger: 'api' });
});

test('deploy shows what is different, and does it', async () => {
  await api.write({ 'pipelines/other.yaml': file('0 25 * * *') });
  const { code, out } = await ask('deploy', '--dry-run');
  expect(code).toBe(1);
  expect(out).toMatch(/^x broken +pipeline +other +it has no good version yet$/m);
  expect(out).toContain('pipelines/other.yaml:4:35: cron.invalid: "25" is not an hour: 0 to 23');

  await api.write({ 'pipelines/other.yaml': file('0 4 * * *') });
  const { code: well, out: json } = await ask('deploy', '--json');
  expect(well).toBe(0);
  expect((JSON.parse(json) as Deployment).pipelines).toContainEqual(
    expect.objectContaining({ pipeline: 'other' }),
  );
  const { out: shown } = await ask('triggers', 'list', '--pipeline', 'other', '--json');
  const { triggers } = JSON.parse(shown) as { triggers: Trigger[] };
  expect(triggers).toMatchObject([{ name: 'nightly', deployed: true }]);
});
