import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createLocalStore } from './local.ts';
import { describeStore } from './store-conformance.ts';

describe('a store in a local folder', () => {
  describeStore(() => createLocalStore(join(newFolder(), 'artifacts')));

  it('removes nothing outside of its root', async () => {
    const outside = newFolder();
    writeFileSync(join(outside, 'precious'), '');
    const store = createLocalStore(join(outside, 'artifacts'));
    await expect(store.discard(outside)).rejects.toThrow('is not below the store');
  });
});

function newFolder(): string {
  return mkdtempSync(join(tmpdir(), 'highwater-store-'));
}
