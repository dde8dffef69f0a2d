import { expect, test } from 'vitest';
import { brief, shown, unmark } from '../test/support/definitions.ts';
import { readProject } from './read-project.ts';

const read = (text: string) => readProject('highwater.yaml', new TextEncoder().encode(text));

test('a sound project has no errors', () => {
  const { definition, errors } = read(`name: flights
connections:
  warehouse: { type: postgres, url: '\${{ env.DATABASE_URL }}' }
  local: { type: postgres, url: 'postgres://me:\${{ env.PASSWORD }}@localhost/db' }
artifacts: { type: local, path: /data/artifacts }
defaults: { retry: { attempts: 5 }, timeout: 1h, deadline: 2h }
python: { requirements: requirements.txt }
`);

  expect(errors).toEqual([]);
  expect(definition?.defaults?.retry?.attempts).toBe(5);
});

test('everything that is wrong is found at once', () => {
  const { text, places } = unmark(`name: «3
connections:
  «Shop: { type: «mysql, url: «x }
  a: { type: postgres, url: «mysql://x }
  b: { type: postgres, url: 'postgres://\${{ «params.x }}' }
artifacts: { type: «s3, «bucket: b }
defaults: { timeout: 2h, deadline: «1h }
«pools: {}
«nmae: x
`);
  const { errors, connections } = read(text);

  expect(brief(errors), shown(errors)).toEqual(
    [
      'value.invalid',
      'name.invalid',
      'value.invalid',
      'connection.invalid',
      'connection.invalid',
      'expression.unknown_name',
      's3.unsupported',
      'key.unknown',
      'policy.invalid',
      'pools.unsupported',
      'key.unknown',
    ].map((code, index) => `${places[index] ?? ''} ${code}`),
  );
  expect([...(connections ?? [])]).toEqual(['Shop', 'a', 'b']);
});
