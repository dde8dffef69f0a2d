import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { TEMPORAL_TUNING } from './temporal-tuning.ts';

test('the servers of docker-compose.yml are tuned as the local one is', () => {
  const file = new URL('../deploy/temporal/dynamic-config.yaml', import.meta.url);
  const settings = parse(readFileSync(file, 'utf8')) as Record<string, { value: unknown }[]>;

  const values = Object.entries(settings).map(([key, [first]]) => [key, first?.value]);

  expect(Object.fromEntries(values)).toEqual(TEMPORAL_TUNING);
});
