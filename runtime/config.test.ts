import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readConfig, VARIABLES } from './config.ts';

test.each(VARIABLES)('docs/configuration.md explains %s', (name) => {
  const page = readFileSync(new URL('../docs/configuration.md', import.meta.url), 'utf8');
  expect(page).toContain(`| \`${name}\``);
});

test('every variable that is not usable is named at once', () => {
  const read = () => readConfig({ HIGHWATER_PORT: 'http', HIGHWATER_SLOTS: '0' });
  expect(read).toThrow(/HIGHWATER_PORT[^]*HIGHWATER_SLOTS/);
});
