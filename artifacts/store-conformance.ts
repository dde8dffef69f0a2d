import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Fault } from '../runtime/fault.ts';
import type { ArtifactStore, AttemptFile } from './store.ts';

/** What every store promises, whatever it is made of. */
export function describeStore(createStore: () => ArtifactStore): void {
  it('gives back what was published', async () => {
    const store = createStore();
    const folder = store.attemptFolder(7, 'flights', 1);
    const artifact = await store.publish(folder, file(folder, 'data.json', '[1]'));
    expect(artifact).toMatchObject({ format: 'json', rows: 1, bytes: 3 });
    expect(readFileSync(await store.resolve(artifact), 'utf8')).toBe('[1]');
  });

  it('gives each attempt a folder of its own, even for the same attempt twice', () => {
    const store = createStore();
    const folders = [1, 1, 2].map((n) => store.attemptFolder(7, 'flights', n));
    expect(new Set(folders).size).toBe(3);
  });

  it('keeps one attempt as it was whatever a later one publishes', async () => {
    const store = createStore();
    const [first, second] = await Promise.all(
      ['[1]', '[2]'].map(async (text, at) => {
        const folder = store.attemptFolder(7, 'flights', at + 1);
        return store.publish(folder, file(folder, 'data.json', text));
      }),
    );
    if (!first || !second) throw new Error('not published');
    expect(readFileSync(await store.resolve(first), 'utf8')).toBe('[1]');
    expect(readFileSync(await store.resolve(second), 'utf8')).toBe('[2]');
  });

  it('publishes only the named file', async () => {
    const store = createStore();
    const folder = store.attemptFolder(7, 'flights', 1);
    const whole = file(folder, 'data.json', '[1]');
    writeFileSync(join(folder, 'scratch.tmp'), 'left over');
    await store.publish(folder, whole);
    expect(existsSync(join(folder, 'scratch.tmp'))).toBe(false);
  });

  it('refuses to publish a file that is not whole', async () => {
    const store = createStore();
    const folder = store.attemptFolder(7, 'flights', 1);
    const short = { ...file(folder, 'data.json', '[1]'), bytes: 4 };
    await expect(store.publish(folder, short)).rejects.toThrow('has 3 bytes and not 4');
  });

  it('discards a folder, and again', async () => {
    const store = createStore();
    const folder = store.attemptFolder(7, 'flights', 1);
    await store.discard(folder);
    await store.discard(folder);
    expect(existsSync(folder)).toBe(false);
  });

  it('discards what earlier attempts left, and nothing else', async () => {
    const store = createStore();
    const [lost, current, other] = await Promise.all(
      (
        [
          ['flights', 2],
          ['flights', 10],
          ['airports', 1],
        ] as const
      ).map(async ([block, attempt]) => {
        const folder = store.attemptFolder(7, block, attempt);
        return store.publish(folder, file(folder, 'data.json', '[1]'));
      }),
    );
    if (!lost || !current || !other) throw new Error('not published');

    await store.discardBefore(7, 'flights', 10);
    await store.discardBefore(8, 'flights', 10);

    await expect(store.resolve(lost)).rejects.toThrow('is not in the store');
    expect(await store.resolve(current)).toBeTruthy();
    expect(await store.resolve(other)).toBeTruthy();
  });

  it('removes an artifact, and again, and leaves others of its run', async () => {
    const store = createStore();
    const [gone, kept] = await Promise.all(
      ['flights', 'airports'].map(async (block) => {
        const folder = store.attemptFolder(7, block, 1);
        return store.publish(folder, file(folder, 'data.json', '[1]'));
      }),
    );
    if (!gone || !kept) throw new Error('not published');

    await store.remove(gone);
    await store.remove(gone);

    await expect(store.resolve(gone)).rejects.toThrow('is not in the store');
    expect(await store.resolve(kept)).toBeTruthy();
  });

  it('removes what attempts left of a run, and again, but for the artifacts that are to stay', async () => {
    const store = createStore();
    const folders = [7, 7, 8].map((run) => store.attemptFolder(run, 'flights', 1));
    const [kept, lost, other] = await Promise.all(
      folders.map((folder) => store.publish(folder, file(folder, 'data.json', '[1]'))),
    );
    if (!kept || !lost || !other) throw new Error('not published');
    const half = store.attemptFolder(7, 'airports', 1);
    file(half, 'unpublished.json', '[1]');

    await store.removeStrays(7, [kept]);
    await store.removeStrays(7, [kept]);

    await expect(store.resolve(lost)).rejects.toThrow('is not in the store');
    expect(existsSync(half)).toBe(false);
    expect(await store.resolve(kept)).toBeTruthy();
    expect(await store.resolve(other)).toBeTruthy();
  });

  it('removes a run with all that its attempts left, and again, and no other run', async () => {
    const store = createStore();
    const folders = [7, 77].map((run) => store.attemptFolder(run, 'flights', 1));
    const published = await Promise.all(
      folders.map((folder) => store.publish(folder, file(folder, 'data.json', '[1]'))),
    );
    const [gone, kept] = published;
    if (!gone || !kept) throw new Error('not published');
    file(store.attemptFolder(7, 'airports', 1), 'unpublished.json', '[1]');

    await store.removeRun(7);
    await store.removeRun(7);

    await expect(store.resolve(gone)).rejects.toThrow('is not in the store');
    expect(await store.resolve(kept)).toBeTruthy();
  });

  it.each([
    'store:///7/flights/1-0/data.json',
    'store:///../secret',
    'store:///%2e%2e/secret',
    'store:////etc/passwd',
    'store:///',
    'file:///etc/passwd',
  ])('has nothing at %s', async (uri) => {
    const missing = await createStore()
      .resolve({ uri })
      .catch((error: unknown) => error);
    expect(missing).toBeInstanceOf(Fault);
    expect(missing).toMatchObject({ code: 'artifact.missing' });
  });
}

function file(folder: string, name: string, text: string): AttemptFile {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, name), text);
  const sha256 = createHash('sha256').update(text).digest('hex');
  return { name, format: 'json', rows: 1, bytes: Buffer.byteLength(text), sha256 };
}
