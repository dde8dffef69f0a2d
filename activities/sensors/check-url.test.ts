import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkUrl } from './check-url.ts';

let server: Server;
let url: string;
const signal = new AbortController().signal;
const ask = (path: string, statuses: readonly number[] = []) =>
  checkUrl({ url: url + path, method: 'GET', statuses, headers: {} }, signal);

beforeAll(async () => {
  server = createServer((request, response) => {
    const [, status = '200', location] = (request.url ?? '').split('/');
    response.writeHead(Number(status), location === undefined ? {} : { location: '/204' });
    // A body without end: nobody may wait for it.
    if (status === '200') response.write('x');
    else response.end();
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

test('any 2xx is a yes, with or without an end of its body', async () => {
  expect(await ask('/200')).toEqual({ value: { status: 200 } });
  expect(await ask('/204')).toEqual({ value: { status: 204 } });
});

test('another status is a no, unless it is one that is asked for', async () => {
  expect(await ask('/404')).toEqual({ notYet: `${url}/404 answered 404` });
  expect(await ask('/404', [404])).toEqual({ value: { status: 404 } });
  expect(await ask('/204', [200])).toEqual({ notYet: `${url}/204 answered 204` });
});

test('a redirect is followed', async () => {
  expect(await ask('/302/to')).toEqual({ value: { status: 204 } });
});

test('nobody there is a no that shows no secret', async () => {
  const address = 'http://127.0.0.1:1/x?key=secret';

  const seen = await checkUrl({ url: address, method: 'GET', statuses: [], headers: {} }, signal);

  expect(JSON.stringify(seen)).toContain('http://127.0.0.1:1/x does not answer');
  expect(JSON.stringify(seen)).not.toContain('secret');
});

test.each([
  'file:///etc/passwd',
  'ftp://example.org/',
  'nonsense',
  'http://me:secret@example.org/',
])('%s is refused', async (its) => {
  const asked = checkUrl({ url: its, method: 'GET', statuses: [], headers: {} }, signal);

  await expect(asked).rejects.toMatchObject({ code: 'block.invalid' });
});
