import { expect, test } from 'vitest';
import { brief, shown, unmark } from '../test/support/definitions.ts';
import { readProject } from './read-project.ts';

const read = (text: string) => readProject('highwater.yaml', new TextEncoder().encode(text));

test('a sound project has no errors', () => {
  const { definition, errors } = read(`name: flights
connections:
  warehouse: { type: postgres, url: '\${{ env.DATABASE_URL }}' }
  local: { type: postgres, url: 'postgres://me:\${{ env.PASSWORD }}@localhost/db' }
  aws: { type: s3, region: eu-central-1 }
  lake:
    type: s3
    endpoint: http://localhost:9000
    access_key_id: \${{ env.LAKE_KEY }}
    secret_access_key: \${{ env.LAKE_SECRET }}
artifacts: { type: local, path: /data/artifacts }
defaults: { retry: { attempts: 5 }, timeout: 1h, deadline: 2h }
python: { requirements: requirements.txt }
`);

  expect(errors).toEqual([]);
  expect(definition?.defaults?.retry?.attempts).toBe(5);
});

test('notices go through channels that take their secrets from the environment', () => {
  const { definition, errors } = read(`name: flights
notices:
  channels:
    ops: { type: slack, url: '\${{ env.OPS_SLACK }}', message: '\${{ notice.pipeline }}: \${{ notice.message }}' }
    mail: { type: email, url: '\${{ env.SMTP_URL }}', from: a@b.c, to: ['\${{ env.ON_CALL }}'] }
    hook: { type: webhook, url: https://example.com/hook, secret: '\${{ env.HOOK_SECRET }}' }
  routes:
    - { pipelines: ['daily_*'], tags: [money], kinds: [run_failed], severity: error, channels: [ops, mail] }
    - { channels: [hook, slack] }
  repeat: 4h
`);

  expect(errors, shown(errors)).toEqual([]);
  expect(definition?.notices?.routes?.[1]).toEqual({
    severity: 'info',
    channels: ['hook', 'slack'],
  });
});

test('everything that is wrong with notices is found at once', () => {
  const { text, places } = unmark(`name: flights
notices:
  channels:
    «Ops: { type: slack, url: «ftp://x }
    mail: { type: email, url: «https://x, from: a@b.c, to: «[] }
    hook: { type: webhook, url: https://x, secret: «plain, «sign: x }
    text: { type: slack, url: '\${{ «params.x }}', subject: '\${{ «notice.titel }}' }
    open: { type: slack, url: https://x, message: '«\${{ notice.title' }
    «post: { type: email, url: smtp://x, to: [a@b.c] }
    pager: { type: «pager }
  routes:
    - { kinds: [«late], severity: «bad, channels: [«opss] }
    - { channels: [pager, slack] }
  repeat: «soon
`);
  const { errors } = read(text);

  expect(brief(errors), shown(errors)).toEqual(
    [
      'name.invalid',
      'channel.invalid',
      'channel.invalid',
      'value.invalid',
      'channel.invalid',
      'key.unknown',
      'expression.unknown_name',
      'expression.unknown_name',
      'expression.invalid',
      'key.missing',
      'value.invalid',
      'value.invalid',
      'value.invalid',
      'channel.unknown',
      'duration.invalid',
    ].map((code, index) => `${places[index] ?? ''} ${code}`),
  );
});

test('everything that is wrong is found at once', () => {
  const { text, places } = unmark(`name: «3
connections:
  «Shop: { type: «mysql, url: x }
  a: { type: postgres, url: «mysql://x }
  b: { type: postgres, url: 'postgres://\${{ «params.x }}' }
  c: «{ type: s3, access_key_id: '\${{ env.KEY }}' }
  d: { type: s3, endpoint: «localhost, access_key_id: k, secret_access_key: «s, «bucket: b }
artifacts: { type: «s3, «bucket: b }
defaults: { timeout: 2h, deadline: «1h }
pools: { desk: { slots: «0 } }
«nmae: x
`);
  const { errors, connections } = read(text);

  expect(brief(errors), shown(errors)).toEqual(
    [
      'value.invalid',
      'name.invalid',
      'value.invalid',
      'connection.invalid',
      'expression.unknown_name',
      'connection.invalid',
      'connection.invalid',
      'connection.invalid',
      'key.unknown',
      's3.unsupported',
      'key.unknown',
      'policy.invalid',
      'value.invalid',
      'key.unknown',
    ].map((code, index) => `${places[index] ?? ''} ${code}`),
  );
  expect([...(connections?.keys() ?? [])]).toEqual(['Shop', 'a', 'b', 'c', 'd']);
});
