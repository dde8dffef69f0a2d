import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';

export interface Mail {
  readonly from: string;
  readonly to: readonly string[];
  /** Headers and text, as they came over the wire. */
  readonly source: string;
}

/** A real SMTP server that takes mail for everyone but `nobody@…`. */
export interface Mailbox {
  readonly url: string;
  readonly mails: readonly Mail[];
  stop(): Promise<void>;
}

export async function startMailbox(user: string, password: string): Promise<Mailbox> {
  const mails: Mail[] = [];
  const server = new SMTPServer({
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
    onAuth: (auth, _session, done) => {
      const known = auth.username === user && auth.password === password;
      if (known) done(null, { user });
      else done(new Error('Who are you?'));
    },
    onRcptTo: ({ address }, _session, done) => {
      if (address.startsWith('nobody@')) done(new Error('No such mailbox'));
      else done();
    },
    onData: (stream, { envelope }, done) => {
      let source = '';
      stream.setEncoding('utf8').on('data', (part: string) => (source += part));
      stream.on('end', () => {
        const from = envelope.mailFrom === false ? '' : envelope.mailFrom.address;
        mails.push({ from, to: envelope.rcptTo.map(({ address }) => address), source });
        done();
      });
    },
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.server.address() as AddressInfo;
  return {
    url: `smtp://${user}:${password}@127.0.0.1:${port}`,
    mails,
    stop: () =>
      new Promise((resolve) => {
        server.close(resolve);
      }),
  };
}
