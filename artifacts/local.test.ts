import { mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createLocalStore } from './local.ts';
import { describeStore } from './store-conformance.ts';

describe('a store in a local folder', () => {
  describeStore(() => createLocalStore(join(newFolder(), 'artifacts')));

  it('leaves no folders of a run whose artifacts are gone', async () => {
    const root = join(newFolder(), 'artifacts');
    const store = createLocalStore(root);
    const folder = store.attemptFolder(7, 'flights', 1);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'data.json'), '[1]');
    const published = { name: 'data.json', format: 'json', rows: 1, bytes: 3, sha256: '' } as const;

    await store.remove(await store.publish(folder, published));

    expect(readdirSync(root)).toEqual([]);
  });

  it('removes nothing outside of its root', async () => {
    const outside = newFolder();
    writeFileSync(join(outside, 'precious'), '');
    const store = createLocalStore(join(outside, 'artifacts'));
    await expect(store.discard(outside)).rejects.toThrow('is not below the store');
    await expect(store.remove({ uri: 'store:///precious' })).rejects.toThrow('no attempt');
  });
});

function newFolder(): string {
  return mkdtempSync(join(tmpdir(), 'highwater-store-'));
}
