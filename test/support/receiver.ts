import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What the receiver does with a request: its status, more headers, or never an answer. */
export type Reaction =
  { readonly status: number; readonly headers?: Readonly<Record<string, string>> } | 'silence';

export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly at: number;
}

/** A real HTTP server that notices are sent to. */
export interface Receiver {
  readonly url: string;
  /** Every request, in the order of their coming, also those it did not answer well. */
  readonly received: Received[];
  /** What it does from now on; it takes everything at first. */
  react(reaction: Reaction | ((request: Received) => Reaction)): void;
  stop(): Promise<void>;
}

export async function startReceiver(): Promise<Receiver> {
  const received: Received[] = [];
  let reaction: (request: Received) => Reaction = () => ({ status: 200 });
  const server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (part: string) => (text += part));
    request.on('end', () => {
      const entry = { path: request.url ?? '', headers: request.headers, text, at: Date.now() };
      received.push(entry);
      const answer = reaction(entry);
      if (answer !== 'silence') response.writeHead(answer.status, answer.headers).end('ok');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    react: (next) => {
      reaction = typeof next === 'function' ? next : () => next;
    },
    stop: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}
