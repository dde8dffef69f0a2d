import { expect, test } from 'vitest';
import type { Running } from './process.ts';
import type { ComponentState } from './stack-file.ts';
import { supervise, type Component } from './supervise.ts';

/** A component whose processes end when the test says so. */
function component(isReady?: Component['isReady']) {
  const ends: ((how: string) => void)[] = [];
  const start = (): Promise<Running> => {
    let end: (how: string) => void = () => undefined;
    const exited = new Promise<string>((resolve) => (end = resolve));
    ends.push(end);
    const stop = () => {
      end('exit code 0');
      return Promise.resolve();
    };
    return Promise.resolve({ pid: ends.length, exited, stop });
  };
  return { ends, made: { name: 'thing', start, ...(isReady && { isReady }) } };
}

/** Notes each state, and lets a test wait for one. */
function witness() {
  const seen: string[] = [];
  let told: () => void = () => undefined;
  const changed = (state: ComponentState, running?: Running) => {
    seen.push(running ? `${state} ${running.pid}` : state);
    told();
  };
  const until = async (state: string) => {
    while (!seen.includes(state)) await new Promise<void>((resolve) => (told = resolve));
  };
  const lines: string[] = [];
  return { seen, until, lines, given: { changed, say: (line: string) => lines.push(line) } };
}

test('a component that ends is started again', async () => {
  const { ends, made } = component();
  const { seen, until, lines, given } = witness();
  const supervised = supervise(made, given);
  await supervised.ready;

  ends[0]?.('killed by SIGKILL');
  await until('running 2');
  await supervised.stop();

  const first = ['starting 1', 'running 1', 'restarting'];
  expect(seen).toEqual([...first, 'starting 2', 'running 2', 'stopped']);
  expect(lines).toEqual(['thing ended: killed by SIGKILL; starting it again']);
});

test('a component that ends before it was ever ready is not started again', async () => {
  const { ends, made } = component(() => Promise.resolve(false));
  const { given } = witness();
  const supervised = supervise(made, given);

  ends[0]?.('exit code 1');

  await expect(supervised.ready).rejects.toThrow('thing ended early: exit code 1');
  expect(ends).toHaveLength(1);
  await supervised.stop();
});

test('a stopped component stays stopped', async () => {
  const { ends, made } = component();
  const { seen, given } = witness();
  const supervised = supervise(made, given);
  await supervised.ready;

  await supervised.stop();

  expect(ends).toHaveLength(1);
  expect(seen.at(-1)).toBe('stopped');
});

test('a stop while it is not ready yet ends it', async () => {
  const { made } = component(() => Promise.resolve(false));
  const { until, given } = witness();
  const supervised = supervise(made, given);
  await until('starting 1');

  await Promise.all([expect(supervised.ready).rejects.toThrow(), supervised.stop()]);
});
