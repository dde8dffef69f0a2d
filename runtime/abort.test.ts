import { getEventListeners } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { follow, within } from './abort.ts';

const LONG = 60_000;

test('work is stopped with the outer signal, for its reason', async () => {
  const outer = new AbortController();
  const work = within(LONG, outer.signal, (signal) => wait(LONG, undefined, { signal }));
  outer.abort(new Error('the process ends'));
  await expect(work).rejects.toMatchObject({ cause: { message: 'the process ends' } });
});

test('work that takes too long is stopped with a TimeoutError', async () => {
  const never = new AbortController().signal;
  const work = within(1, never, (signal) => wait(LONG, undefined, { signal }));
  await expect(work).rejects.toMatchObject({ cause: { name: 'TimeoutError' } });
});

test('an outer signal that is aborted already stops the work at once', async () => {
  const seen = await within(LONG, AbortSignal.abort(), (signal) => Promise.resolve(signal.aborted));
  expect(seen).toBe(true);
});

test('the outer signal keeps nothing of work that is done, however it ended', async () => {
  const { signal: outer } = new AbortController();
  await within(LONG, outer, () => Promise.resolve());
  await within(LONG, outer, () => Promise.reject(new Error('failed'))).catch(() => undefined);
  expect(getEventListeners(outer, 'abort')).toEqual([]);
});

test('a hundred may follow at once, and Node does not take them for a leak', async () => {
  const warnings: Error[] = [];
  const note = (warning: Error) => warnings.push(warning);
  process.on('warning', note);
  const outer = new AbortController();
  const followers = Array.from({ length: 100 }, () => new AbortController());
  for (const own of followers) follow(outer.signal, own);
  outer.abort();
  await new Promise(setImmediate); // warnings are told in a later turn of the event loop
  process.off('warning', note);
  expect(followers.every(({ signal }) => signal.aborted)).toBe(true);
  expect(warnings).toEqual([]);
});

test('who has let go is not aborted any more', () => {
  const outer = new AbortController();
  const own = new AbortController();
  follow(outer.signal, own)();
  outer.abort();
  expect(own.signal.aborted).toBe(false);
});
