import { getEventListeners, once } from 'node:events';
import { createServer, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { untilGone } from './until-gone.ts';

const server = createServer();
beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => server.close());

/** A request that waits for its answer, and the signal that the server has for it. */
async function ask(stopping: AbortSignal) {
  const { port } = server.address() as AddressInfo;
  const client = request({ port, host: '127.0.0.1', agent: false });
  client.on('error', () => undefined).end();
  const [, response] = (await once(server, 'request')) as [unknown, ServerResponse];
  return { client, response, signal: untilGone(response, stopping) };
}

test('a caller that hangs up is gone', async () => {
  const { client, signal } = await ask(new AbortController().signal);
  client.destroy();
  await once(signal, 'abort');
});

test('a caller that has its answer is not gone, and nothing is kept of it', async () => {
  const stopping = new AbortController().signal;
  const { response, signal } = await ask(stopping);
  response.end('done');
  await once(response, 'close');
  expect(signal.aborted).toBe(false);
  expect(getEventListeners(stopping, 'abort')).toEqual([]);
});

test('nobody is waited for once the process ends', async () => {
  const stopping = new AbortController();
  const { client, signal } = await ask(stopping.signal);
  stopping.abort();
  expect(signal.aborted).toBe(true);
  client.destroy();
});
