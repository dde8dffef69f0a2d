import { randomInt } from 'node:crypto';
import { readFile, readdir, readlink } from 'node:fs/promises';
import { createServer } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { Fault } from '../runtime/fault.ts';
import { commandOf } from './process.ts';

const HOST = '127.0.0.1';
/** Below the ports that Linux gives to outgoing connections, one of which could take ours meanwhile. */
const FREE_PORTS = { from: 20_000, below: 32_768 };
const TRIES = 50;

/** A port for `purpose`: the wanted one, or a free one when 0 is wanted. Taken: `port.taken`. */
export async function claimPort(
  wanted: number,
  purpose: string,
  variable: string,
): Promise<number> {
  const port = wanted === 0 ? await findFree() : await tryPort(wanted);
  if (port !== undefined) return port;
  const holder = await findHolder(wanted);
  throw new Fault(
    'port.taken',
    `Port ${wanted} for ${purpose} is taken${holder ? ` by ${holder}` : ''}. ` +
      `Set ${variable} to another port, or to 0 for any free one.`,
  );
}

/** Waits for a port that its last holder is still letting go of. */
export async function reclaimPort(port: number, purpose: string, variable: string): Promise<void> {
  const deadline = Date.now() + 3_000;
  while ((await tryPort(port)) === undefined) {
    if (Date.now() > deadline) await claimPort(port, purpose, variable);
    await wait(100);
  }
}

async function findFree(): Promise<number | undefined> {
  for (let count = 0; count < TRIES; count += 1) {
    const port = await tryPort(randomInt(FREE_PORTS.from, FREE_PORTS.below));
    if (port !== undefined) return port;
  }
  return tryPort(0);
}

function tryPort(wanted: number): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(undefined);
      else reject(error);
    });
    server.listen({ port: wanted, host: HOST, exclusive: true }, () => {
      const address = server.address();
      const port = typeof address === 'object' && address ? address.port : wanted;
      server.close(() => {
        resolve(port);
      });
    });
  });
}

/** The process that listens on a port, as far as the system tells us. */
async function findHolder(port: number): Promise<string | undefined> {
  if (process.platform !== 'linux') return undefined;
  const inode = await findSocket(port);
  if (inode === undefined) return undefined;
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const files = await readdir(`/proc/${pid}/fd`).catch(() => []);
    for (const file of files) {
      const target = await readlink(`/proc/${pid}/fd/${file}`).catch(() => '');
      if (target !== `socket:[${inode}]`) continue;
      const command = (await commandOf(Number(pid))) ?? 'unknown';
      return `process ${pid} (${command.slice(0, 80)})`;
    }
  }
  return undefined;
}

async function findSocket(port: number): Promise<string | undefined> {
  const LISTEN = '0A';
  const tables = ['/proc/net/tcp', '/proc/net/tcp6'].map((path) =>
    readFile(path, 'utf8').catch(() => ''),
  );
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return (await Promise.all(tables))
    .flatMap((table) => table.split('\n'))
    .map((line) => line.trim().split(/\s+/))
    .find((fields) => fields[1]?.endsWith(suffix) && fields[3] === LISTEN)?.[9];
}
