import { connect, type Socket } from 'node:net';

interface Answer {
  readonly ms: number;
  readonly body: string;
}

/**
 * One request after the other over one socket. What measures runs on the same processors as what is measured:
 * it understands no more of HTTP than these answers need, and takes as long as they take.
 */
export class Connection {
  private readonly socket: Socket;
  private received = '';
  private waiting:
    | { readonly resolve: (answer: string) => void; readonly reject: (error: Error) => void }
    | undefined;

  constructor(url: string) {
    const { hostname, port } = new URL(url);
    this.socket = connect({ host: hostname, port: Number(port), noDelay: true });
    this.socket.setEncoding('latin1');
    this.socket.on('data', (chunk: string) => {
      this.take(chunk);
    });
    this.socket.on('error', (error) => this.waiting?.reject(error));
    this.socket.on('close', () => this.waiting?.reject(new Error(`${url} closed the connection`)));
  }

  async post(path: string, body: object): Promise<Answer> {
    const text = JSON.stringify(body);
    const began = performance.now();
    const answer = await new Promise<string>((resolve, reject) => {
      this.waiting = { resolve, reject };
      this.socket.write(
        `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n` +
          `Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
      );
    });
    const ms = performance.now() - began;
    const [head = '', ...rest] = answer.split('\r\n\r\n');
    if (!/^HTTP\/1\.1 2/.test(head)) throw new Error(`${path} was answered with ${answer}`);
    return { ms, body: rest.join('\r\n\r\n') };
  }

  close(): void {
    this.socket.destroy();
  }

  private take(chunk: string): void {
    this.received += chunk;
    const head = this.received.indexOf('\r\n\r\n');
    if (head < 0) return;
    const length = Number(/^content-length: *(\d+)/im.exec(this.received.slice(0, head))?.[1] ?? 0);
    if (this.received.length < head + 4 + length) return;
    const { received, waiting } = this;
    this.received = '';
    this.waiting = undefined;
    waiting?.resolve(received);
  }
}
